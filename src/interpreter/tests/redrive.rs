//! Executions that go on after they have failed, timed out or been aborted.

use super::*;

/// Runs to the end, redrives and runs again; what happens after `ExecutionRedriven` comes out, and how it ended.
fn redriven(definition: &str, input: &str, script: Script) -> (Vec<String>, String) {
    let mut world = run(definition, input, script);
    let before = world.lines().len();
    world.apply(vec![Signal::Redrive]);
    let world = world.go_on();
    assert!(world.lines()[before].contains(" ExecutionRedriven "), "{:?}", world.lines());
    (world.lines().split_off(before + 1), world.ending())
}

fn fail_once(call: usize, input: &Value) -> Result<Value, Failure> {
    if call == 1 { answer_error(call, input) } else { answer_ok(call, input) }
}

#[test]
fn a_task_is_scheduled_again_with_its_input_and_not_entered_again() {
    let (lines, ending) = redriven(
        &one(
            r#"{"Type":"Task","Resource":"FUNCTION","Parameters":{"n.$":"$.n","redrives.$":"$$.Execution.RedriveCount"},
            "Next":"Z"}"#,
        ),
        r#"{"n":1}"#,
        fail_once,
    );
    assert_eq!(
        lines,
        [
            "8 LambdaFunctionScheduled <7",
            "9 LambdaFunctionStarted <8",
            "10 LambdaFunctionSucceeded <9",
            "11 TaskStateExited <10",
            "12 PassStateEntered <11",
            "13 PassStateExited <12",
            "14 ExecutionSucceeded <13"
        ]
    );
    assert_eq!(Value::parse(&ending), Value::parse(r#"{"n":1,"redrives":1}"#));
}

#[test]
fn retriers_count_from_the_beginning() {
    let task =
        one(r#"{"Type":"Task","Resource":"FUNCTION","Retry":[{"ErrorEquals":["Boom"],"MaxAttempts":2}],"End":true}"#);
    let scheduled = |lines: &[String]| lines.iter().filter(|line| line.contains("Scheduled")).count();
    let (lines, _) = redriven(&task, "{}", answer_error);
    assert_eq!(scheduled(&lines), 3);
}

#[test]
fn a_fail_state_is_entered_again() {
    let (lines, ending) = redriven(r#"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E"}}}"#, "{}", answer_ok);
    assert_eq!(lines, ["5 FailStateEntered <4", "6 ExecutionFailed <5"]);
    assert_eq!(ending, "E: -");
}

#[test]
fn only_branches_that_did_not_succeed_go_on() {
    let definition = one(r#"{"Type":"Parallel","Branches":[
            {"StartAt":"P","States":{"P":{"Type":"Pass","Result":"first","End":true}}},
            {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","End":true}}},
            {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"Next":"Y"},"Y":{"Type":"Pass","Result":"third","End":true}}}],
            "End":true}"#);
    let (lines, ending) = redriven(&definition, "\"x\"", fail_once);
    assert_eq!(ending, r#"["first","x","third"]"#);
    assert!(!lines.iter().any(|line| line.contains("PassStateEntered") && line.ends_with("<3")), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.contains("Scheduled")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.contains("WaitStateEntered")).count(), 0);
}

#[test]
fn only_iterations_that_did_not_succeed_go_on_and_the_rest_begins() {
    let definition = one(r#"{"Type":"Map","MaxConcurrency":2,"ItemProcessor":{"StartAt":"T","States":{
            "T":{"Type":"Task","Resource":"FUNCTION","End":true}}},"End":true}"#);
    let (lines, ending) = redriven(&definition, "[1,2,3,4]", |call, input| match (call, input.as_i64()) {
        (..=3, Some(2)) => answer_error(call, input),
        _ => answer_ok(call, input),
    });
    assert_eq!(ending, "[1,2,3,4]");
    let count = |word: &str| lines.iter().filter(|line| line.contains(word)).count();
    assert_eq!((count("MapStateStarted"), count("MapStateSucceeded")), (0, 1), "{lines:?}");
}

#[test]
fn what_a_state_inside_of_states_failed_for_is_done_again_there() {
    let definition = one(
        r#"{"Type":"Parallel","Branches":[{"StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":{"StartAt":"T","States":{
            "T":{"Type":"Task","Resource":"FUNCTION","End":true}}},"End":true}}}],"Next":"Z"}"#,
    );
    let (lines, ending) = redriven(&definition, "[1,2]", fail_once);
    assert_eq!(ending, "[[1,2]]");
    assert_eq!(lines.iter().filter(|line| line.contains("StateEntered")).count(), 1, "{lines:?}");
}

/// The state machine's time-out and a stop leave states as they stand.
#[test]
fn whatever_ended_it_it_goes_on_where_it_stood() {
    let definition = r#"{"StartAt":"A","TimeoutSeconds":5,"States":{
        "A":{"Type":"Pass","Assign":{"v":7},"Next":"B"},
        "B":{"Type":"Wait","SecondsPath":"$","Next":"C"},"C":{"Type":"Pass","OutputPath":"$v","End":true}}}"#;
    let (_, ending) = redriven(definition, "9", answer_ok);
    assert_eq!(ending, "timed out", "the time-out begins anew, and so does the wait");

    let mut world = World::new(program(definition), "3", answer_ok);
    world.apply(vec![Signal::Start]);
    world.apply(vec![Signal::Stop { error: None, cause: None }]);
    assert_eq!(world.ending(), "aborted");
    world.apply(vec![Signal::Redrive]);
    assert_eq!(world.go_on().ending(), "7");
}

#[test]
fn an_expression_that_failed_is_evaluated_again() {
    let definition = r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{
        "A":{"Type":"Pass","Output":"{% $states.context.Execution.RedriveCount > 0 ? 'well' : $none %}","End":true}}}"#;
    let (lines, ending) = redriven(definition, "{}", answer_ok);
    assert_eq!((lines.len(), ending.as_str()), (2, "\"well\""));
}

#[test]
fn what_runs_or_has_succeeded_is_not_redriven() {
    let mut world = run(r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#, "{}", answer_ok);
    let before = world.lines();
    world.apply(vec![Signal::Redrive]);
    assert_eq!(world.lines(), before);
    assert!(!world.execution.can_go_on());
}

/// An iteration that can't begin fails its Map state, and with it whatever is around, while all of it is redriven.
#[test]
fn what_fails_at_once_again_is_retried_and_fails_as_before() {
    let selector = r#""ItemSelector":{"x":"{% $error('boo') %}"},"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}},"End":true"#;
    let retry = r#""Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"End":true"#;
    let map = format!(r#"{{"StartAt":"M","States":{{"M":{{"Type":"Map","Items":[1,2],{selector}}}}}}}"#);
    let wait = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":100,"End":true}}}"#;
    for state in [
        format!(r#"{{"Type":"Parallel","Branches":[{map},{wait}],{retry}}}"#),
        format!(r#"{{"Type":"Parallel","Branches":[{map},{wait}],"End":true}}"#),
        format!(r#"{{"Type":"Map","Items":[1,2],"MaxConcurrency":1,"ItemProcessor":{map},{retry}}}"#),
    ] {
        let definition = format!(r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{"A":{state}}}}}"#);
        let (_, ending) = redriven(&definition, "{}", answer_ok);
        assert!(ending.starts_with("States.QueryEvaluationError: "), "{state}: {ending}");
    }
}

#[test]
fn branches_that_have_succeeded_do_not_run_again() {
    let definition = one(
        r#"{"Type":"Parallel","Branches":[{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","End":true}}}],
            "OutputPath":"$$.Execution.RedriveTime","End":true}"#,
    );
    let (lines, _) = redriven(&definition, "1", answer_ok);
    assert!(!lines.iter().any(|line| line.contains("Scheduled")), "{lines:?}");
}
