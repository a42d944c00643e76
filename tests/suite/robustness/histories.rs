//! Workflows of every size, up to the end of the history: run by the interpreter alone.

use super::values::{failure, run};
use stepwell::interpreter::Outcome;

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

/// A definition with these states, the first of them named `A`.
fn machine(states: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#)
}

/// A Parallel state `A` with so many branches, each of one state of this kind.
fn branches(count: usize, state: impl Fn(usize) -> String) -> String {
    let branches: Vec<String> =
        (0..count).map(|i| format!(r#"{{"StartAt":"S{i}","States":{{"S{i}":{}}}}}"#, state(i))).collect();
    machine(&format!(r#""A":{{"Type":"Parallel","End":true,"Branches":[{}]}}"#, branches.join(",")))
}

fn items(count: usize) -> String {
    let items: Vec<String> = (0..count).map(|i| i.to_string()).collect();
    format!("[{}]", items.join(","))
}

const MAP: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Map","End":true,
    "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#;

#[test]
fn large_workflows_come_to_their_end() {
    let chain: Vec<String> = (0..10_000).map(|i| format!(r#""S{i}":{{"Type":"Pass","Next":"S{}"}}"#, i + 1)).collect();
    let chain =
        machine(&format!(r#""A":{{"Type":"Pass","Next":"S0"}},{},"S10000":{{"Type":"Succeed"}}"#, chain.join(",")));
    let pass = branches(5000, |_| r#"{"Type":"Pass","End":true}"#.to_owned());
    for (name, definition, input, events, output) in [
        ("10,000 states", chain, "[1]".to_owned(), 2 * 10_002 + 2, "[1]".to_owned()),
        ("5,000 branches", pass, "1".to_owned(), 2 * 5000 + 6, format!("[{}]", vec!["1"; 5000].join(","))),
        ("6,000 items", MAP.to_owned(), items(6000), 4 * 6000 + 6, items(6000)),
    ] {
        let execution = run(&definition, &input);
        let Some((Outcome::Succeeded(result), _)) = execution.end() else { panic!("{name}: {:?}", execution.end()) };
        assert_eq!((execution.history().len(), result.to_text()), (events, output), "{name}");
    }
}

#[test]
fn a_history_ends_with_its_last_event_whatever_fills_it() {
    let spin = machine(
        r#""A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}"#,
    );
    let fail = branches(1, |_| r#"{"Type":"Fail"}"#.to_owned()).replace(
        r#""End":true"#,
        r#""Next":"A2","Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":0,"MaxAttempts":99999999}]"#,
    );
    let fail = fail.replace(r#"{"A":"#, r#"{"A2":{"Type":"Succeed"},"A":"#);
    let wide = branches(6000, |i| {
        format!(r#"{{"Type":"Pass","Next":"T{i}"}},"T{i}":{{"Type":"Pass","Next":"U{i}"}},"U{i}":{{"Type":"Succeed"}}"#)
    });
    for (name, definition, input) in [
        ("a loop", spin, "{}".to_owned()),
        ("10,000 items", MAP.to_owned(), items(10_000)),
        ("a retry", fail, "{}".to_owned()),
        ("6,000 branches of three states", wide, "{}".to_owned()),
    ] {
        let execution = run(&definition, &input);
        let limit = "States.Runtime: The execution reached the maximum number of history events (25000).";
        assert_eq!((failure(&execution).as_str(), execution.history().len()), (limit, 25_000), "{name}");
    }
}
