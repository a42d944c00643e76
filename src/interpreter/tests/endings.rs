//! How executions end from outside, and at their limits.

use super::*;

#[test]
fn the_machine_times_out_to_the_millisecond() {
    let definition = r#"{"StartAt":"A","TimeoutSeconds":5,"States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(world.lines(), ["1 ExecutionStarted <0", "2 WaitStateEntered <0", "3 ExecutionTimedOut <0"]);
    let stopped = world.execution.end().map(|(_, stopped)| stopped.millis());
    assert_eq!(stopped, Some(1_700_000_005_000));
}

#[test]
fn a_stopped_execution_keeps_its_end() {
    let mut world = World::new(program(&one(r#"{"Type":"Wait","Seconds":60,"End":true}"#)), "{}", answer_ok);
    world.apply(vec![Signal::Start]);
    world.apply(vec![
        Signal::Stop { error: None, cause: None },
        Signal::Stop { error: Some("late".into()), cause: None },
    ]);
    assert_eq!(world.lines(), ["1 ExecutionStarted <0", "2 WaitStateEntered <0", "3 ExecutionAborted <0"]);
    assert!(world.timers.is_empty());
    assert_eq!(world.ending(), "aborted");
}

#[test]
fn an_execution_of_a_deleted_machine_ends_at_its_next_transition() {
    let mut world = World::new(program(&one(r#"{"Type":"Wait","Seconds":60,"Next":"Z"}"#)), "{}", answer_ok);
    world.apply(vec![Signal::Start]);
    world.apply(vec![Signal::MachineDeleted]);
    assert_eq!(world.ending(), "running");
    let timer = world.timers.first_key_value().map(|((_, timer), _)| *timer).expect("the wait's timer");
    world.apply(vec![Signal::TimerFired(timer)]);
    assert_eq!(world.ending(), "States.Runtime: State machine m has been deleted.");
}

#[test]
fn the_last_event_that_fits_is_a_failure() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Variable":"$.never","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(world.execution.history().len(), 25_000);
    assert_eq!(world.lines().last().map(String::as_str), Some("25000 ExecutionFailed <24999"));
    assert_eq!(world.ending(), "States.Runtime: The execution reached the maximum number of history events (25000).");
}

#[test]
fn results_that_are_too_large_fail() {
    fn large(_: usize, _: &Value) -> Result<Value, Failure> {
        Ok("x".repeat(263_000).into())
    }
    let catch = r#"{"Type":"Task","Resource":"FUNCTION","Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","OutputPath":"$","Next":"Z"}],"Next":"Z"}"#;
    let world = run(&one(&catch.replace(r#""OutputPath":"$","#, "")), "{}", large);
    assert!(world.lines().contains(&"5 LambdaFunctionFailed <4".to_owned()));
    assert!(world.ending().contains("States.DataLimitExceeded"));
    assert!(world.ending().contains(&format!("The state/task '{FUNCTION}' returned a result with a size exceeding")));
    let pass = format!(r#"{{"Type":"Pass","Result":"{}","End":true}}"#, "x".repeat(263_000));
    let world = run(&one(&pass), "{}", large);
    assert_eq!(world.lines()[1..], ["2 PassStateEntered <0", "3 ExecutionFailed <2"]);
}
