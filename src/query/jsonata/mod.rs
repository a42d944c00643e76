//! JSONata 2.0.6 as Step Functions speaks it.

pub mod datetime;
pub mod encoding;
pub mod format_base;
pub mod format_integer;
pub mod format_number;
mod grouping;
pub mod number_text;
pub mod regex;
mod words;
