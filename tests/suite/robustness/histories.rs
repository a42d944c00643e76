//! Workflows of every size, up to the end of the history: run by the interpreter alone.

use super::values::{failure, run};

/// As many retries as there may be take their time, and no time where the interval is none.
#[test]
fn retries_without_interval_never_wait() {
    let definition = r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
        "Branches":[{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"c"}}}],
        "Retry":[{"ErrorEquals":["E"],"IntervalSeconds":0,"BackoffRate":2,"MaxAttempts":3000}]}}}"#;
    let execution = run(definition, "{}");
    assert_eq!(failure(&execution), "E: c");
    assert_eq!(execution.history().len(), 2 + 3001 * 2 + 2);
}
