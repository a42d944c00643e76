//! Parallel and Map: chains of their own, and what becomes of them when one fails.

use super::*;

#[test]
fn a_serial_map_hangs_each_iteration_on_the_last_event_inside_the_one_before() {
    check(
        &one(
            r#"{"Type":"Map","MaxConcurrency":1,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"Next":"Z"}"#,
        ),
        "[1, 2]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 PassStateEntered <4
         6 PassStateExited <5
         7 MapIterationSucceeded <6
         8 MapIterationStarted <6
         9 PassStateEntered <8
         10 PassStateExited <9
         11 MapIterationSucceeded <10
         12 MapStateSucceeded <11
         13 MapStateExited <11
         14 PassStateEntered <13
         15 PassStateExited <14
         16 ExecutionSucceeded <15",
        "[1,2]",
    );
}

#[test]
fn a_map_over_nothing_succeeds() {
    check(
        &one(r#"{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#),
        "[]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapStateSucceeded <3
         5 MapStateExited <3
         6 ExecutionSucceeded <5",
        "[]",
    );
}

#[test]
fn a_failed_iteration_fails_the_map_and_a_retry_begins_it_again() {
    check(
        &one(r#"{"Type":"Map","ItemProcessor":{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}},
                "Retry":[{"ErrorEquals":["E"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z"}"#),
        "[1]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 FailStateEntered <4
         6 MapIterationFailed <5
         7 MapStateStarted <5
         8 MapIterationStarted <7
         9 FailStateEntered <8
         10 MapIterationFailed <9
         11 MapStateFailed <9
         12 MapStateExited <11
         13 PassStateEntered <12
         14 PassStateExited <13
         15 ExecutionSucceeded <14",
        r#"{"Error":"E"}"#,
    );
}

#[test]
fn when_all_iterations_time_out_together_the_first_one_fails_and_the_others_are_aborted() {
    check(
        &one(
            r#"{"Type":"Map","ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","TimeoutSeconds":5,"End":true}}},"End":true}"#,
        ),
        "[1,2,3]",
        answer_never,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 MapIterationStarted <3
         6 MapIterationStarted <3
         7 TaskStateEntered <4
         8 LambdaFunctionScheduled <7
         9 TaskStateEntered <5
         10 LambdaFunctionScheduled <9
         11 TaskStateEntered <6
         12 LambdaFunctionScheduled <11
         13 LambdaFunctionStarted <8
         14 LambdaFunctionStarted <10
         15 LambdaFunctionStarted <12
         16 LambdaFunctionTimedOut <13
         17 LambdaFunctionTimedOut <14
         18 LambdaFunctionTimedOut <15
         19 MapIterationFailed <16
         20 TaskStateAborted <16
         21 MapIterationAborted <16
         22 TaskStateAborted <16
         23 MapIterationAborted <16
         24 TaskStateAborted <16
         25 MapStateFailed <16
         26 ExecutionFailed <25",
        "States.Timeout: -",
    );
}

#[test]
fn item_selectors_see_the_item_and_the_input() {
    let state = r#"{"Type":"Map","ItemsPath":"$.items","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},
        "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"in.$":"$","again.$":"$$.Map.Item.Value"},"End":true}}},"End":true}"#;
    let world = run(&one(state), r#"{"k":true,"items":["x"]}"#, answer_ok);
    assert_eq!(world.ending(), r#"[{"in":{"v":"x","i":0,"k":true},"again":"x"}]"#);
}

#[test]
fn parallel_branches_have_chains_of_their_own() {
    check(
        &one(r#"{"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","Result":1,"End":true}}},
                {"StartAt":"Q","States":{"Q":{"Type":"Pass","Result":2,"End":true}}}],"End":true}"#),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 ParallelStateEntered <0
         3 ParallelStateStarted <2
         4 PassStateEntered <3
         5 PassStateExited <4
         6 PassStateEntered <3
         7 PassStateExited <6
         8 ParallelStateSucceeded <7
         9 ParallelStateExited <7
         10 ExecutionSucceeded <9",
        "[1,2]",
    );
}

#[test]
fn a_failing_branch_aborts_the_others() {
    let world = run(
        &one(r#"{"Type":"Parallel","Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}},
                {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","End":true}}}],
                "Catch":[{"ErrorEquals":["Boom"],"Next":"Z"}],"Next":"Z"}"#),
        "{}",
        answer_error,
    );
    assert_eq!(
        world.lines()[3..],
        [
            "4 WaitStateEntered <3",
            "5 TaskStateEntered <3",
            "6 LambdaFunctionScheduled <5",
            "7 LambdaFunctionStarted <6",
            "8 LambdaFunctionFailed <7",
            "9 TaskStateAborted <8",
            "10 WaitStateAborted <8",
            "11 ParallelStateFailed <8",
            "12 ParallelStateExited <11",
            "13 PassStateEntered <12",
            "14 PassStateExited <13",
            "15 ExecutionSucceeded <14"
        ]
    );
    assert_eq!(world.seconds(), 0);
}

#[test]
fn a_bad_result_selector_of_a_parallel_state_points_to_its_success() {
    let world = run(
        &one(
            r#"{"Type":"Parallel","ResultSelector":{"x.$":"$.nope"},"Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}],"End":true}"#,
        ),
        "{}",
        answer_ok,
    );
    assert_eq!(world.lines()[5..], ["6 ParallelStateSucceeded <5", "7 ExecutionFailed <6"]);
}
