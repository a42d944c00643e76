//! JSONata 2.0.6 as Step Functions speaks it.

pub mod regex;
