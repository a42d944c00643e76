//! Tasks: results, failures, Retry and Catch, time-outs.

use super::*;

#[test]
fn a_function_is_called_and_its_result_goes_through_the_result_fields() {
    check(
        &one(r#"{"Type":"Task","Resource":"FUNCTION","ResultSelector":{"n.$":"$.n"},"ResultPath":"$.r","End":true}"#),
        r#"{"n":1}"#,
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 LambdaFunctionScheduled <2
         4 LambdaFunctionStarted <3
         5 LambdaFunctionSucceeded <4
         6 TaskStateExited <5
         7 ExecutionSucceeded <6",
        r#"{"n":1,"r":{"n":1}}"#,
    );
}

#[test]
fn an_error_after_the_work_ends_the_execution_whatever_is_caught() {
    check(
        &one(
            r#"{"Type":"Task","Resource":"FUNCTION","OutputPath":"$.no.such","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z"}"#,
        ),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 LambdaFunctionScheduled <2
         4 LambdaFunctionStarted <3
         5 LambdaFunctionSucceeded <4
         6 ExecutionFailed <5",
        "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
         Invalid path '$.no.such' : Missing property in path $['no']",
    );
}

#[test]
fn retries_leave_no_event_of_their_own_and_a_catch_exits_the_state() {
    let world = run(
        &one(
            r#"{"Type":"Task","Resource":"FUNCTION","Retry":[{"ErrorEquals":["Boom"],"IntervalSeconds":2,"MaxAttempts":2}],
                "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Z"}],"Next":"Z"}"#,
        ),
        r#"{"k":1}"#,
        answer_error,
    );
    assert_eq!(
        world.lines()[2..],
        [
            "3 LambdaFunctionScheduled <2",
            "4 LambdaFunctionStarted <3",
            "5 LambdaFunctionFailed <4",
            "6 LambdaFunctionScheduled <5",
            "7 LambdaFunctionStarted <6",
            "8 LambdaFunctionFailed <7",
            "9 LambdaFunctionScheduled <8",
            "10 LambdaFunctionStarted <9",
            "11 LambdaFunctionFailed <10",
            "12 TaskStateExited <11",
            "13 PassStateEntered <12",
            "14 PassStateExited <13",
            "15 ExecutionSucceeded <14"
        ]
    );
    assert_eq!(world.ending(), r#"{"k":1,"error":{"Error":"Boom","Cause":"it went boom"}}"#);
    assert_eq!(world.seconds(), 2 + 4);
}

#[test]
fn the_first_retrier_that_matches_decides_and_delays_are_capped() {
    for (retry, calls, seconds) in [
        (r#"[{"ErrorEquals":["Other"]},{"ErrorEquals":["Boom"],"MaxAttempts":1}]"#, 2, 1),
        (r#"[{"ErrorEquals":["Boom"],"MaxAttempts":0},{"ErrorEquals":["States.ALL"]}]"#, 1, 0),
        (r#"[{"ErrorEquals":["States.TaskFailed"],"BackoffRate":1.0}]"#, 4, 3),
        (
            r#"[{"ErrorEquals":["States.ALL"],"IntervalSeconds":10,"BackoffRate":3,"MaxDelaySeconds":20,"MaxAttempts":4}]"#,
            5,
            70,
        ),
        (r#"[{"ErrorEquals":["States.ALL"],"IntervalSeconds":0,"MaxAttempts":5}]"#, 6, 0),
        (r#"[{"ErrorEquals":["States.Timeout"]}]"#, 1, 0),
    ] {
        let state = format!(r#"{{"Type":"Task","Resource":"FUNCTION","Retry":{retry},"End":true}}"#);
        let world = run(&one(&state), "{}", answer_error);
        assert_eq!((world.calls, world.seconds()), (calls, seconds), "{retry}");
    }
}

#[test]
fn tasks_time_out() {
    for (state, kind, seconds) in [
        (r#"{"Type":"Task","Resource":"FUNCTION","TimeoutSeconds":5,"End":true}"#, "LambdaFunction", 5),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSecondsPath":"$.t","Parameters":{"FunctionName":"f"},"End":true}"#,
            "Task",
            7,
        ),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","HeartbeatSeconds":3,"TimeoutSeconds":9,"Parameters":{"FunctionName":"f"},"End":true}"#,
            "Task",
            3,
        ),
    ] {
        let world = run(&one(state), r#"{"t":7}"#, answer_never);
        assert_eq!(
            world.lines()[2..],
            [
                format!("3 {kind}Scheduled <2"),
                format!("4 {kind}Started <3"),
                format!("5 {kind}TimedOut <4"),
                "6 ExecutionFailed <5".into()
            ]
        );
        assert_eq!((world.ending().as_str(), world.seconds()), ("States.Timeout: -", seconds));
    }
}

#[test]
fn an_activity_task_that_nobody_takes_times_out_without_having_started() {
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","TimeoutSeconds":5,"End":true}"#;
    let world = run(&one(state), "{}", answer_never);
    assert_eq!(world.lines()[2..], ["3 ActivityScheduled <2", "4 ActivityTimedOut <3", "5 ExecutionFailed <4"]);
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}"#;
    let world = run(&one(state), "{}", answer_ok);
    assert_eq!(world.lines()[2..5], ["3 ActivityScheduled <2", "4 ActivityStarted <3", "5 ActivitySucceeded <4"]);
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:missing","End":true}"#;
    let world = run(&one(state), "{}", answer_ok);
    assert_eq!(world.lines()[1..], ["2 TaskStateEntered <0", "3 ExecutionFailed <2"]);
}

/// A function may report before its own call has come back. The events keep their order, but the token is used up.
#[test]
fn a_token_is_used_up_by_the_first_report_however_early_it_comes() {
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","HeartbeatSeconds":5,
        "Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}},"End":true}"#;
    let mut world = World::new(program(&one(state)), "{}", answer_never);
    let actions = world.execution.apply(world.now, vec![Signal::Start]);
    let called = actions.iter().find_map(|action| match action {
        Action::Invoke { task, invocation: Invocation::LambdaInvoke(call), .. } => {
            Some((*task, call.payload.as_ref()?.get("token")?.as_str()?.to_owned()))
        }
        _ => None,
    });
    let (task, token) = called.expect("the function is called with a token");
    assert_eq!(world.execution.token_state(task, &token), TokenState::Open);
    assert_eq!(world.execution.token_state(task, "another"), TokenState::Unknown);

    let early = Signal::TaskReported { task, result: Ok("early".into()) };
    let actions = world.execution.apply(world.now, vec![early]);
    assert!(matches!(actions[..], [Action::ClearTimer(_)]), "no heartbeat is waited for any more: {actions:?}");
    assert_eq!(world.execution.token_state(task, &token), TokenState::Over);

    let late = Signal::TaskReported { task, result: Ok("late".into()) };
    let returned = Signal::InvocationEnded { task, result: Ok("returned".into()) };
    world.execution.apply(world.now, vec![late, Signal::Heartbeat(task), returned]);
    assert_eq!(
        world.lines()[2..],
        [
            "3 TaskScheduled <2",
            "4 TaskStarted <3",
            "5 TaskSubmitted <4",
            "6 TaskSucceeded <5",
            "7 TaskStateExited <6",
            "8 ExecutionSucceeded <7"
        ]
    );
    assert_eq!(world.ending(), "\"early\"");
}

#[test]
fn parameters_that_cannot_be_used_start_nothing_whatever_is_caught() {
    check(
        &one(
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload.$":"$"},
                "Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z"}"#,
        ),
        "1",
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 ExecutionFailed <2",
        "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
         The Parameters '{\"FunctionName\":\"f\",\"Payload\":1}' could not be used to start the Task: \
         [The value for the field 'Payload' must be a STRING]",
    );
}

#[test]
fn a_harness_has_a_quarter_of_an_hour_at_most() {
    for (timeout, expected) in [("", 900), (r#""TimeoutSeconds":1000,"#, 900), (r#""TimeoutSeconds":10,"#, 10)] {
        let definition = format!(
            r#"{{"StartAt":"H","States":{{"H":{{"Type":"Task","Resource":"arn:aws:states:::bedrockagentcore:invokeHarness",{timeout}
               "Parameters":{{"HarnessArn":"h","RuntimeSessionId":"s","Messages":[]}},"End":true}}}}}}"#
        );
        let world = World::new(program(&definition), "{}", |_, _| Err(NEVER)).run();
        let (_, ended) = world.execution.end().expect("it has timed out");
        let seconds = (ended.millis() - world.execution.identity().start_date.millis()) / 1000;
        assert_eq!(seconds, expected, "{timeout}");
        assert!(world.lines().iter().any(|line| line.contains("TaskTimedOut")), "{:?}", world.lines());
    }
}
