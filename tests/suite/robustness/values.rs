//! Values that grow without end: as deep, as long and as many as a workflow can make them.

use super::on_the_programs_threads;
use std::sync::Arc;
use stepwell::asl::{MachineType, Program, parse};
use stepwell::history::wire::{ExecutionData, write_event};
use stepwell::interpreter::{Action, Execution, Identity, Outcome, Signal};
use stepwell::json::Value;
use stepwell::timestamp::Timestamp;

pub fn program(definition: &str) -> Arc<Program> {
    let parsed = parse(definition, MachineType::Standard);
    assert_eq!(stepwell::asl::describe(&parsed.diagnostics), "");
    Arc::new(parsed.program.expect("a program"))
}

/// Runs an execution to its end or to where it waits; nothing outside answers it.
pub fn run(definition: &str, input: &str) -> Execution {
    let identity = Identity {
        arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
        name: "e".into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
        machine_name: "m".into(),
        region: "us-east-1".into(),
        start_date: Timestamp::from_millis(0),
        input: Value::parse(input).expect("valid JSON"),
        workflow: Default::default(),
        started_with: None,
    };
    let mut execution = Execution::new(program(definition), identity, 1);
    let mut actions = execution.apply(Timestamp::from_millis(0), [Signal::Start]);
    while actions.contains(&Action::Continue) {
        actions = execution.apply(Timestamp::from_millis(0), [Signal::Continue]);
    }
    execution
}

/// What an execution failed for.
pub fn failure(execution: &Execution) -> String {
    match execution.end() {
        Some((Outcome::Failed(told), _)) => {
            format!("{}: {}", told.error.as_deref().unwrap_or_default(), told.cause.as_deref().unwrap_or_default())
        }
        other => panic!("no failure: {other:?}"),
    }
}

/// The definition of a loop that puts its input into `template` each time.
fn wrapping(template: &str) -> String {
    format!(
        r#"{{"StartAt":"Wrap","States":{{"Wrap":{{"Type":"Pass","Parameters":{template},"Next":"Again"}},
            "Again":{{"Type":"Choice","Choices":[{{"Variable":"$.stop","IsPresent":true,"Next":"End"}}],"Default":"Wrap"}},
            "End":{{"Type":"Succeed"}}}}}}"#
    )
}

#[test]
fn a_value_that_is_built_upon_again_and_again_does_not_exhaust_the_stack() {
    on_the_programs_threads(async { values_become_too_deep() });
}

fn values_become_too_deep() {
    let (open, close) = ("[".repeat(900), "]".repeat(900));
    let wide =
        format!(r#"{{"a":{open}{{"b.$":"$","c.$":"States.JsonToString($)","d.$":"States.Format('{{}}',$)"}}{close}}}"#);
    let map = format!(
        r#"{{"StartAt":"M","States":{{"M":{{"Type":"Map","ItemSelector":{{"a":{open}{{"b.$":"$$.Map.Item.Value"}}{close}}},
            "End":true,"ItemProcessor":{{"StartAt":"N","States":{{"N":{{"Type":"Parallel","Parameters":[{open}{{"b.$":"$"}}{close}],
            "End":true,"Branches":[{{"StartAt":"P","States":{{"P":{{"Type":"Succeed"}}}}}}]}}}}}}}}}}}}"#
    );
    let deep = format!("[{}{}]", "[".repeat(999), "]".repeat(999));
    let path = format!("$.{}", ["a"; 999].join("."));
    let placed = format!(
        r#"{{"StartAt":"P","States":{{"P":{{"Type":"Pass","Result":{{"b":1}},"ResultPath":"{path}","Next":"Q"}},
            "Q":{{"Type":"Pass","InputPath":"$.a","ResultPath":"{path}","End":true}}}}}}"#
    );
    for (definition, input, depth) in [
        (wrapping(r#"{"a.$":"$"}"#), "{}", 1001),
        (wrapping(r#"{"a":[[[[[[{"b.$":"$"}]]]]]]}"#), "{}", 1001),
        (wrapping(&wide), "{}", 1805),
        (map, deep.as_str(), 1901),
        (placed, "{}", 1998),
    ] {
        let execution = run(&definition, input);
        let failure = failure(&execution);
        let sentence = format!(
            "Document nesting depth ({depth}) exceeds the maximum allowed (1000, from \
             `StreamWriteConstraints.getMaxNestingDepth()`)"
        );
        assert!(failure.starts_with("States.Runtime: ") && failure.ends_with(&sentence), "{failure}");
        // All of it can be read.
        let mut written = String::new();
        for (i, event) in execution.history().events().iter().enumerate() {
            write_event(i as u32 + 1, event, ExecutionData::Included, &mut written);
        }
    }
}

#[test]
fn a_text_that_is_made_of_a_large_value_many_times_is_refused_before_it_is_made() {
    let many = |count: usize, piece: &str| vec![piece; count].join(",");
    let input = format!(r#"{{"text":"{}"}}"#, "x".repeat(200_000));
    let format = format!("States.Format('{}',{})", "{}".repeat(10_000), many(10_000, "$.text"));
    let json = format!("States.JsonToString(States.Array({}))", many(10_000, "$"));
    let hash = format!("States.Hash(States.Array({}),'MD5')", many(10_000, "$"));
    for (call, function) in [(format, "States.Format"), (json, "States.JsonToString"), (hash, "States.Hash")] {
        let definition = format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","End":true,"Parameters":{{"a.$":"{call}"}}}}}}}}"#
        );
        let failure = failure(&run(&definition, &input));
        assert!(failure.ends_with(&format!(" {function} makes a text of more than 16777216 bytes")), "{failure}");
    }
}

/// With its blanks, which results keep, this would take gigabytes.
#[test]
fn results_that_are_too_large_together_are_not_written_out() {
    let branch = |i: usize| format!(r#"{{"StartAt":"S{i}","States":{{"S{i}":{{"Type":"Succeed"}}}}}}"#);
    let branches: Vec<String> = (0..10_000).map(branch).collect();
    let definition = format!(
        r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"ResultSelector":{{"n.$":"States.ArrayLength($)"}},
            "Branches":[{}]}}}}}}"#,
        branches.join(",")
    );
    let input = format!(r#"{{ "text": "{}" }}"#, "x".repeat(250_000));
    let execution = run(&definition, &input);
    let Some((Outcome::Succeeded(output), _)) = execution.end() else { panic!("{:?}", execution.end()) };
    assert_eq!(output.to_text(), r#"{"n":10000}"#);
}

#[test]
fn a_long_text_is_soon_split_at_many_characters() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,
        "Parameters":{"a.$":"States.ArrayLength(States.StringSplit($.text, $.separators))"}}}}"#;
    let input = format!(r#"{{"text":"{}","separators":"{}é"}}"#, "aé".repeat(40_000), "ü".repeat(60_000));
    let execution = run(definition, &input);
    let Some((Outcome::Succeeded(output), _)) = execution.end() else { panic!("{:?}", execution.end()) };
    assert_eq!(output.to_text(), r#"{"a":40000}"#);
}
