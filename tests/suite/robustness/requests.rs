//! Requests of the largest size, and members that are out of all proportion.

use super::on_the_programs_threads;
use crate::server::{PASS, ROLE, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// As many different tags as a request can hold, and as many violations of constraints.
#[test]
fn requests_with_thousands_of_items_are_answered_soon() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let items = |count: usize, item: fn(usize) -> Value| (0..count).map(item).collect::<Vec<_>>();
        let tags = items(25_000, |i| json!({"key": format!("k{i}"), "value": ""}));
        let same = items(25_000, |i| json!({"key": "k", "value": i.to_string()}));
        let violations = items(25_000, |_| json!({"key": ""}));
        let destinations = items(25_000, |_| json!({"cloudWatchLogsLogGroup": {"logGroupArn": "a"}}));
        for (operation, input, status) in [
            ("CreateActivity", json!({"name": "a", "tags": tags}), 400),
            ("CreateActivity", json!({"name": "a", "tags": same}), 200),
            ("CreateActivity", json!({"name": "a", "tags": violations}), 400),
            (
                "CreateStateMachine",
                json!({"name": "m", "definition": PASS, "roleArn": ROLE, "loggingConfiguration": {"destinations": destinations}}),
                413,
            ),
        ] {
            let begin = Instant::now();
            let answer = server.call(operation, input).await;
            let time = begin.elapsed();
            println!("{operation}: {time:?}");
            assert_eq!(answer.status, status, "{operation}: {}", answer.error());
            assert!(time < Duration::from_secs(3), "{operation}: {time:?}");
        }
    });
}
