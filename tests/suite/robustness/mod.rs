//! Whatever comes in, and however much of it: an answer each time, and the server goes on.

mod histories;
mod values;
