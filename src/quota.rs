//! The service's limits that decide how something behaves.
//!
//! Source: AWS's page "Step Functions service quotas" and the recordings.

/// Input, output and result of a state, in bytes of UTF-8.
pub const PAYLOAD_BYTES: usize = 262_144;

/// All variables that can be read at one place of an execution, in bytes of UTF-8.
pub const VARIABLES_BYTES: usize = 10 << 20;

/// Containers inside each other in a document. It is the limit of the Jackson library, which AWS uses, for what it reads
/// (`StreamReadConstraints`) and writes (`StreamWriteConstraints`), and keeps recursion within any thread's stack.
pub const JSON_DEPTH: usize = 1000;

/// Events in the history of a Standard execution; the last one is its failure.
pub const HISTORY_EVENTS: usize = 25_000;

/// An input or an output in a log, in bytes of its escaped text.
pub const LOGGED_PAYLOAD_BYTES: usize = 248 * 1024;

/// How long an Express execution may take, in seconds.
pub const EXPRESS_SECONDS: u64 = 5 * 60;

/// An execution whose history has as many events can't be redriven.
pub const REDRIVE_HISTORY_EVENTS: usize = HISTORY_EVENTS - 1;

/// How long after its end an execution can be redriven, in milliseconds.
pub const REDRIVE_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;

/// How long an execution may take, redrives included, in milliseconds: a year.
pub const EXECUTION_MILLIS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Iterations of an inline Map that run at the same time when `MaxConcurrency` is 0.
pub const INLINE_MAP_CONCURRENCY: usize = 40;

/// Child executions of a map run that run at the same time at most.
pub const MAP_RUN_CONCURRENCY: u64 = 10_000;

/// How many map runs are open at the same time in a region of an account; others wait.
pub const OPEN_MAP_RUNS: usize = 1000;

/// How often a map run can be redriven.
pub const MAP_RUN_REDRIVES: u32 = 1000;

/// The longest time that a Wait state waits, in milliseconds: recorded between 24,855 and 24,856 days.
pub const WAIT_MILLIS: i64 = i32::MAX as i64 * 1000;

/// The most seconds that `Seconds`, `TimeoutSeconds` and `HeartbeatSeconds` may be.
pub const SECONDS: u64 = 99_999_999;

/// Workers that may poll one activity at the same time.
pub const ACTIVITY_POLLERS: usize = 1000;

/// An X-Ray trace header that is given with an execution.
pub const TRACE_HEADER_CHARACTERS: usize = 256;

/// Tags of one resource.
pub const TAGS: usize = 50;

/// State machines of one account and region.
pub const STATE_MACHINES: usize = 100_000;

/// Versions of one state machine.
pub const VERSIONS: usize = 1000;

/// Aliases of one state machine.
pub const ALIASES: usize = 100;

/// Activities of one account and region.
pub const ACTIVITIES: usize = 100_000;

/// A request's body, in bytes.
pub const REQUEST_BYTES: usize = 1 << 20;

/// How long a page token is good for, in milliseconds.
pub const PAGE_TOKEN_MILLIS: i64 = 24 * 60 * 60 * 1000;
