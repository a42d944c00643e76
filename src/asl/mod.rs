//! The Amazon States Language: definition text to a [`Program`], or to all that is wrong with it.

pub mod program;

pub use program::Program;
