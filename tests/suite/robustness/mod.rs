//! Whatever comes in, and however much of it: an answer each time, and the server goes on.

pub mod client;
mod connections;
mod definitions;
mod executions;
mod histories;
mod load;
mod races;
mod requests;
mod values;
mod workers;

use std::future::Future;
use tokio::runtime::Runtime;

/// The stack that the program gives its threads. Those of tests are smaller, and frames without optimisation larger.
const STACK_BYTES: usize = 16 << 20;

/// Threads like the program's.
pub fn threads() -> Runtime {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.worker_threads(2).thread_stack_size(STACK_BYTES).enable_all().build().expect("threads")
}

/// Runs a test on threads like the program's.
fn on_the_programs_threads<T: Send + 'static>(test: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = threads();
    runtime.block_on(runtime.spawn(test)).expect("no panic")
}
