//! The synchronous core: one execution, signals in, actions out.

mod invocation;

pub use invocation::Invocation;
