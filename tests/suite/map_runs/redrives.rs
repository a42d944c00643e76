//! Map runs that are stopped and go on: what becomes of their children, and which of them can be redriven.

use super::*;

#[tokio::test]
async fn stopping_the_parent_stops_its_children_and_a_redrive_goes_on_with_them() {
    let server = Server::start().await;
    let fields = json!({"MaxConcurrency": 2});
    let run = Run::start(&server, &distributed("STANDARD", &fields, &picky()), &json!([1, 2, 3])).await;
    run.until("running", 2).await;
    server.ok("StopExecution", json!({"executionArn": run.execution})).await;
    run.until("aborted", 2).await;
    while run.described().await["status"] != "ABORTED" {
        tokio::task::yield_now().await;
    }
    assert_eq!(counts(&run.described().await, "executionCounts"), "pending 1, aborted 2, total 3");
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.until("running", 2).await;
    assert_eq!(run.children(json!({"redriveFilter": "REDRIVEN"})).await.len(), 2);
    assert_eq!(run.ended().await["output"], "[1,2,3]");
    let described = run.described().await;
    assert_eq!((&described["status"], &described["redriveCount"]), (&json!("SUCCEEDED"), &json!(1)));
    let redriven =
        run.history().await.as_array().expect("events").iter().find(|event| event["type"] == "MapRunRedriven").cloned();
    assert_eq!(
        redriven.expect("an event")["mapRunRedrivenEventDetails"],
        json!({"mapRunArn": run.arn().await, "redriveCount": 1})
    );
}

#[tokio::test]
async fn a_redrive_that_is_stopped_at_once_leaves_what_it_has_not_begun() {
    let server = Server::start().await;
    let fields = json!({"MaxConcurrency": 1});
    let run = Run::start(&server, &distributed("STANDARD", &fields, &picky()), &json!([1, 2])).await;
    run.until("running", 1).await;
    for round in 1..=3 {
        server.ok("StopExecution", json!({"executionArn": run.execution})).await;
        if round == 2 {
            // Nobody waits for the end of the one before.
            server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
            server.ok("StopExecution", json!({"executionArn": run.execution})).await;
        }
        while run.described().await["status"] != "ABORTED" {
            tokio::task::yield_now().await;
        }
        run.until("running", 0).await;
        assert_eq!(counts(&run.described().await, "executionCounts"), "pending 1, aborted 1, total 2");
        assert_eq!(run.children(json!({"statusFilter": "ABORTED"})).await.len(), 1);
        server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
        run.until("running", 1).await;
    }
    assert_eq!(run.ended().await["output"], "[1,2]");
    assert_eq!(run.described().await["redriveCount"], 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_and_redrives_from_all_sides_leave_nothing_behind() {
    let server = Server::start().await;
    let fields = json!({"MaxConcurrency": 2});
    server
        .ok(
            "CreateStateMachine",
            json!({"name": "m", "definition": distributed("STANDARD", &fields, &picky()), "roleArn": ROLE}),
        )
        .await;
    let namespace = Config::default().namespace;
    for number in 0..50 {
        let start = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "name": format!("e{number}"), "input": "[1,2,3]"});
        let execution = server.ok("StartExecution", start).await["executionArn"].clone();
        let run = Run { server: &server, execution: execution.clone() };
        let (engine, name) = (&server.emulator.engine, format!("e{number}"));
        for round in 0..10 {
            // Without a request between, so that the threads are in the midst of the first when the second comes.
            engine.stop(&namespace, "m", &name, None, None).expect("an execution").expect("no child");
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            let redriven = engine.redrive::<()>(&namespace, "m", &name, None, |_| Ok(()));
            redriven.expect("an execution").expect("no obstacle");
            (0..(number + round) % 50).for_each(|_| std::hint::spin_loop());
        }
        assert_eq!(run.ended().await["output"], "[1,2,3]");
        let described = run.described().await;
        assert_eq!((&described["status"], &described["redriveCount"]), (&json!("SUCCEEDED"), &json!(10)));
        assert_eq!(counts(&described, "executionCounts"), "succeeded 3, total 3, resultsWritten 3");
        assert_eq!(run.children(json!({"statusFilter": "SUCCEEDED"})).await.len(), 3);
    }
}

#[tokio::test]
async fn a_child_that_fails_is_redriven_with_its_map_run() {
    let server = Server::start().await;
    let processor = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.RedriveCount", "NumericEquals": 0, "Next": "F"}], "Default": "S"},
        "F": {"Type": "Fail"}, "S": {"Type": "Succeed"}
    }});
    let flaky = json!({"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [processor], "End": true}}});
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &flaky), &json!([1])).await;
    assert_eq!(run.ended().await["status"], "FAILED");
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    // A Fail state fails again: it is entered once more, and nothing leads past it.
    assert_eq!(run.ended().await["status"], "FAILED");
    let children = run.children(json!({})).await;
    assert_eq!((children.len(), &children[0]["redriveCount"]), (1, &json!(1)));
}

#[tokio::test]
async fn an_express_child_begins_anew_under_its_arn() {
    let server = Server::start().await;
    let fields = json!({"ToleratedFailureCount": 1});
    let run = Run::start(&server, &distributed("EXPRESS", &fields, &picky()), &json!([-1, -2])).await;
    assert_eq!(run.ended().await["status"], "FAILED");
    let arns = |children: Vec<Value>| -> Vec<String> {
        let mut arns: Vec<String> = children.iter().map(|child| child["executionArn"].to_string()).collect();
        arns.sort();
        arns
    };
    let before = arns(run.children(json!({})).await);
    for _ in 0..2 {
        server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
        assert_eq!(run.ended().await["status"], "FAILED");
        assert_eq!(arns(run.children(json!({})).await), before);
        assert_eq!(run.children(json!({"statusFilter": "FAILED"})).await.len(), 2);
        assert_eq!(counts(&run.described().await, "executionCounts"), "failed 2, total 2");
    }
    server.ok("UpdateMapRun", json!({"mapRunArn": run.arn().await, "toleratedFailureCount": 2})).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    assert_eq!(run.ended().await["status"], "SUCCEEDED");
    assert_eq!(arns(run.children(json!({"redriveFilter": "NOT_REDRIVEN"})).await), before);
}

#[tokio::test]
async fn a_standard_child_whose_history_is_full_is_not_begun_again() {
    let server = Server::start().await;
    let endless = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "A"}], "Default": "C"},
        "C": {"Type": "Succeed"}}});
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &endless), &json!([1])).await;
    assert_eq!(run.ended().await["status"], "FAILED");
    let tolerant = &Server::start().await;
    let fields = json!({"ToleratedFailureCount": 1});
    let tolerated = Run::start(tolerant, &distributed("STANDARD", &fields, &endless), &json!([1])).await;
    let record: Value =
        serde_json::from_str(tolerated.ended().await["output"].as_str().expect("an output")).expect("JSON");
    assert_eq!(
        (&record[0]["RedriveStatus"], &record[0]["RedriveStatusReason"]),
        (&json!("NOT_REDRIVABLE"), &json!("Execution history event limit exceeded"))
    );
    let child = run.children(json!({})).await[0]["executionArn"].clone();
    let described = server.ok("DescribeExecution", json!({"executionArn": child})).await;
    assert_eq!(
        (&described["redriveStatus"], &described["redriveStatusReason"]),
        (&json!("NOT_REDRIVABLE"), &json!("Execution history event limit exceeded"))
    );
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    assert_eq!(run.ended().await["error"], "States.ExceedToleratedFailureThreshold");
    let children = run.children(json!({})).await;
    assert_eq!((children.len(), &children[0]["executionArn"], &children[0]["redriveCount"]), (1, &child, &json!(0)));
    assert_eq!(counts(&run.described().await, "executionCounts"), "failuresNotRedrivable 1, failed 1, total 1");
}

#[tokio::test]
async fn a_standard_child_is_redriven_within_two_weeks_of_its_end() {
    let server = Server::start().await;
    let slow = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}], "Default": "W"},
        "F": {"Type": "Fail", "Error": "Negative"}, "W": {"Type": "Wait", "Seconds": 5_000_000, "End": true}
    }});
    let fields = json!({"ToleratedFailureCount": 1});
    let run = Run::start(&server, &distributed("STANDARD", &fields, &slow), &json!([-1, 1])).await;
    run.until("failed", 1).await;
    let failed = run.children(json!({"statusFilter": "FAILED"})).await[0]["executionArn"].clone();
    let status =
        async || server.ok("DescribeExecution", json!({"executionArn": failed})).await["redriveStatus"].clone();
    assert_eq!(status().await, "REDRIVABLE_BY_MAP_RUN");
    server.emulator.engine.advance(Duration::from_secs(15 * 24 * 3600));
    assert_eq!(status().await, "NOT_REDRIVABLE");
    server.ok("StopExecution", json!({"executionArn": run.execution})).await;
    run.until("aborted", 1).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.until("running", 1).await;
    server.emulator.engine.advance(Duration::from_secs(5_000_000));
    assert_eq!(run.ended().await["status"], "SUCCEEDED");
    let redriven = run.children(json!({"redriveFilter": "REDRIVEN"})).await;
    assert_eq!((redriven.len(), &redriven[0]["status"]), (1, &json!("SUCCEEDED")));
}

#[tokio::test]
async fn a_child_that_was_stopped_and_can_not_be_redriven_counts_as_failed() {
    let server = Server::start().await;
    let slow = one_state(&json!({"Type": "Wait", "Seconds": 5_000_000, "End": true}));
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &slow), &json!([1, 2])).await;
    run.until("running", 2).await;
    let stopped = run.children(json!({})).await[0]["executionArn"].clone();
    server.ok("StopExecution", json!({"executionArn": stopped})).await;
    server.emulator.engine.advance(Duration::from_secs(15 * 24 * 3600));
    server.ok("StopExecution", json!({"executionArn": run.execution})).await;
    run.until("aborted", 2).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    assert_eq!(run.ended().await["error"], "States.ExceedToleratedFailureThreshold");
    // What is shown of it stays as it was.
    assert_eq!(run.described().await["executionCounts"]["failed"], 0);
    server.ok("UpdateMapRun", json!({"mapRunArn": run.arn().await, "toleratedFailureCount": 1})).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.until("running", 1).await;
    server.emulator.engine.advance(Duration::from_secs(5_000_000));
    assert_eq!(run.ended().await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn children_are_redrivable_as_long_as_their_parent_is() {
    let server = Server::start().await;
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &picky()), &json!([-1])).await;
    run.ended().await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.ended().await;
    let status = async |run: &Run<'_>| {
        let child = run.children(json!({"statusFilter": "FAILED"})).await[0]["executionArn"].clone();
        let described = server.ok("DescribeExecution", json!({"executionArn": child})).await;
        (described["redriveStatus"].clone(), described["redriveStatusReason"].clone())
    };
    assert_eq!(status(&run).await, (json!("REDRIVABLE_BY_MAP_RUN"), Value::Null));
    assert_eq!(counts(&run.described().await, "executionCounts"), "failed 1, total 1");
    for execution_type in ["STANDARD", "EXPRESS"] {
        let server = Server::start().await;
        let fields = json!({"ToleratedFailureCount": 1});
        let run = Run::start(&server, &distributed(execution_type, &fields, &picky()), &json!([-1])).await;
        assert_eq!(run.ended().await["status"], "SUCCEEDED");
        let child = run.children(json!({})).await[0]["executionArn"].clone();
        let described = server.ok("DescribeExecution", json!({"executionArn": child})).await;
        assert_eq!(
            (&described["redriveStatus"], &described["redriveStatusReason"]),
            (&json!("NOT_REDRIVABLE"), &json!("Execution is SUCCEEDED and cannot be redriven"))
        );
    }
    server.ok("DeleteStateMachine", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m")})).await;
    assert_eq!(status(&run).await, (json!("NOT_REDRIVABLE"), json!("State machine is in DELETING status")));
    let described = run.described().await;
    assert_eq!(counts(&described, "executionCounts"), "failuresNotRedrivable 1, failed 1, total 1");
}

#[tokio::test]
async fn a_child_that_waits_for_its_redrive_is_counted_and_not_stopped() {
    let server = Server::start().await;
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &picky()), &json!([1, 2])).await;
    run.until("running", 2).await;
    server.ok("StopExecution", json!({"executionArn": run.execution})).await;
    run.until("aborted", 2).await;
    server.ok("UpdateMapRun", json!({"mapRunArn": run.arn().await, "maxConcurrency": 1})).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.until("running", 1).await;
    for of in ["executionCounts", "itemCounts"] {
        assert_eq!(counts(&run.described().await, of), "pendingRedrive 1, running 1, total 2");
    }
    let waits = run.children(json!({"statusFilter": "PENDING_REDRIVE"})).await;
    let refused = server.refused("StopExecution", json!({"executionArn": waits[0]["executionArn"]})).await;
    assert_eq!(
        refused,
        "NotImplemented: Stepwell does not implement StopExecution of a child execution that is PENDING_REDRIVE yet"
    );
    assert_eq!(run.ended().await["output"], "[1,2]");
}
