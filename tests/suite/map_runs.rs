//! Map runs: Map states in distributed mode, their child executions, and the operations on both.

mod redrives;

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use stepwell::honesty::Strictness;

fn map_run() -> String {
    format!("{PREFIX}:mapRun:m/label:7a1b2c3d")
}

/// A state machine of one distributed Map, labelled `L`, over its input, with these fields and this processor.
fn distributed(execution_type: &str, fields: &Value, processor: &Value) -> String {
    let mut map = json!({"Type": "Map", "Label": "L", "End": true, "ItemProcessor": processor});
    map["ItemProcessor"]["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": execution_type});
    map.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    json!({"StartAt": "M", "States": {"M": map}}).to_string()
}

fn one_state(state: &Value) -> Value {
    json!({"StartAt": "A", "States": {"A": state}})
}

/// Fails for items below 0, waits a minute for others.
fn picky() -> Value {
    json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}], "Default": "W"},
        "F": {"Type": "Fail", "Error": "Negative", "Cause": "below 0"},
        "W": {"Type": "Wait", "Seconds": 60, "End": true}
    }})
}

struct Run<'a> {
    server: &'a Server,
    execution: Value,
}

impl<'a> Run<'a> {
    async fn start(server: &'a Server, definition: &str, input: &Value) -> Run<'a> {
        let machine = json!({"name": "m", "definition": definition, "roleArn": ROLE});
        server.ok("CreateStateMachine", machine).await;
        let start =
            json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "name": "e", "input": input.to_string()});
        let execution = server.ok("StartExecution", start).await["executionArn"].clone();
        Run { server, execution }
    }

    /// Another execution of the same machine with the same input.
    async fn again(&self) -> Value {
        let input = self.server.ok("DescribeExecution", json!({"executionArn": self.execution})).await["input"].clone();
        let start = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "input": input});
        self.server.ok("StartExecution", start).await["executionArn"].clone()
    }

    async fn ended(&self) -> Value {
        self.server.ended(&self.execution).await
    }

    async fn history(&self) -> Value {
        self.server.ok("GetExecutionHistory", json!({"executionArn": self.execution})).await["events"].clone()
    }

    async fn arn(&self) -> Value {
        let listed = self.server.ok("ListMapRuns", json!({"executionArn": self.execution})).await;
        listed["mapRuns"][0]["mapRunArn"].clone()
    }

    async fn described(&self) -> Value {
        self.server.ok("DescribeMapRun", json!({"mapRunArn": self.arn().await})).await
    }

    async fn children(&self, more: Value) -> Vec<Value> {
        let mut request = json!({"mapRunArn": self.arn().await});
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let listed = self.server.ok("ListExecutions", request).await;
        listed["executions"].as_array().expect("executions").clone()
    }

    /// Waits, without moving the clock, until the map run counts that many executions of a status.
    async fn until(&self, status: &str, count: u64) {
        while self.described().await["executionCounts"][status] != count {
            tokio::task::yield_now().await;
        }
    }
}

fn counts(described: &Value, of: &str) -> String {
    let names = [
        "pending",
        "pendingRedrive",
        "failuresNotRedrivable",
        "running",
        "succeeded",
        "failed",
        "timedOut",
        "aborted",
        "total",
        "resultsWritten",
    ];
    let counts: Vec<String> = names.iter().map(|name| format!("{name} {}", described[of][name])).collect();
    counts
        .into_iter()
        .filter(|count| !count.ends_with(" 0") && !count.ends_with(" null"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[tokio::test]
async fn each_item_is_an_execution_of_its_own() {
    let server = Server::start().await;
    let processor = one_state(
        &json!({"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "of.$": "$$.StateMachine.Id", "v.$": "$"}, "End": true}),
    );
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &processor), &json!([5, 6])).await;
    let output: Value = serde_json::from_str(run.ended().await["output"].as_str().expect("an output")).expect("JSON");
    let children = run.children(json!({})).await;
    let (labelled, arn) = (format!("{PREFIX}:stateMachine:m/L"), run.arn().await);
    assert_eq!((output[0]["v"].clone(), output[1]["v"].clone()), (json!(5), json!(6)));
    let id = output[0]["id"].as_str().expect("an ARN").to_owned();
    assert!(id.starts_with(&format!("{PREFIX}:execution:m/L:")), "{id}");
    assert_eq!(output[0]["of"], *labelled);
    assert!(arn.as_str().expect("an ARN").starts_with(&format!("{PREFIX}:mapRun:m/L:")), "{arn}");
    let child = children.iter().find(|child| child["executionArn"] == *id).expect("it is listed");
    assert_eq!(
        (&child["stateMachineArn"], &child["mapRunArn"], &child["itemCount"], &child["status"]),
        (&json!(labelled), &arn, &json!(1), &json!("SUCCEEDED"))
    );
    let described = server.ok("DescribeExecution", json!({"executionArn": id})).await;
    assert_eq!((&described["mapRunArn"], &described["input"]), (&arn, &json!("5")));
    let history = server.ok("GetExecutionHistory", json!({"executionArn": id})).await;
    assert_eq!(history["events"].as_array().map(Vec::len), Some(4));
    let machine = server.ok("DescribeStateMachineForExecution", json!({"executionArn": id})).await;
    assert_eq!((&machine["label"], &machine["mapRunArn"], &machine["name"]), (&json!("L"), &arn, &json!("m")));
    let machine = server.ok("DescribeStateMachine", json!({"stateMachineArn": labelled})).await;
    assert_eq!((&machine["label"], &machine["stateMachineArn"]), (&json!("L"), &json!(labelled)));
    let executions = server.ok("ListExecutions", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m")})).await;
    assert_eq!(executions["executions"].as_array().map(Vec::len), Some(1), "children are not listed with their parent");
}

#[tokio::test]
async fn express_children_are_described_and_have_no_history() {
    let server = Server::start().await;
    let processor = one_state(&json!({"Type": "Pass", "End": true}));
    let run = Run::start(&server, &distributed("EXPRESS", &json!({}), &processor), &json!([7])).await;
    assert_eq!(run.ended().await["output"], "[7]");
    let child = run.children(json!({})).await[0]["executionArn"].clone();
    assert!(child.as_str().expect("an ARN").starts_with(&format!("{PREFIX}:express:m/L:")), "{child}");
    let described = server.ok("DescribeExecution", json!({"executionArn": child})).await;
    assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!("7")));
    assert!(server.refused("GetExecutionHistory", json!({"executionArn": child})).await.starts_with("InvalidArn"));
    // Behind it the state machine is a Standard one again.
    let mut definition: Value =
        serde_json::from_str(&distributed("EXPRESS", &json!({"Next": "N"}), &one_state(&json!({"Type": "Succeed"}))))
            .expect("JSON");
    definition["States"]["M"].as_object_mut().expect("an object").remove("End");
    definition["States"]["N"] = json!({"Type": "Task", "Resource": format!("{PREFIX}:activity:a"), "End": true});
    server.create(&definition.to_string(), json!({})).await;
    for (field, what) in [
        (
            json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": ""}, "End": true}),
            "waitForTaskToken",
        ),
        (
            json!({"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}}),
            "DISTRIBUTED",
        ),
    ] {
        let definition = distributed("EXPRESS", &json!({}), &one_state(&field));
        let refused =
            server.refused("CreateStateMachine", json!({"name": "n", "definition": definition, "roleArn": ROLE})).await;
        assert!(refused.starts_with("InvalidDefinition") && refused.contains(what), "{refused}");
    }
}

#[tokio::test]
async fn as_many_children_run_as_the_map_run_says_now() {
    let server = Server::start().await;
    let fields = json!({"MaxConcurrency": 2});
    let run = Run::start(&server, &distributed("STANDARD", &fields, &picky()), &json!([1, 2, 3, 4, 5])).await;
    run.until("running", 2).await;
    assert_eq!(counts(&run.described().await, "executionCounts"), "pending 3, running 2, total 5");
    let update = json!({"mapRunArn": run.arn().await, "maxConcurrency": 4, "toleratedFailureCount": 3});
    assert_eq!(server.ok("UpdateMapRun", update).await, json!({}));
    run.until("running", 4).await;
    let described = run.described().await;
    assert_eq!((&described["maxConcurrency"], &described["toleratedFailureCount"]), (&json!(4), &json!(3)));
    assert_eq!(run.children(json!({"statusFilter": "RUNNING"})).await.len(), 4);
    assert_eq!(run.ended().await["output"], "[1,2,3,4,5]");
    let described = run.described().await;
    assert_eq!(described["status"], "SUCCEEDED");
    assert_eq!(counts(&described, "itemCounts"), "succeeded 5, total 5, resultsWritten 5");
}

#[tokio::test]
async fn a_failure_beyond_what_is_tolerated_fails_the_map_run_and_stops_the_rest() {
    let server = Server::start().await;
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &picky()), &json!([1, -1, 2])).await;
    let ended = run.ended().await;
    assert_eq!(
        (&ended["status"], &ended["error"], &ended["cause"]),
        (
            &json!("FAILED"),
            &json!("States.ExceedToleratedFailureThreshold"),
            &json!("The specified tolerated failure threshold was exceeded")
        )
    );
    let described = run.described().await;
    assert_eq!(described["status"], "FAILED");
    let aborted = described["executionCounts"]["aborted"].as_u64().expect("a number");
    assert_eq!(described["executionCounts"]["failed"], 1);
    assert_eq!(run.children(json!({"statusFilter": "ABORTED"})).await.len() as u64, aborted);
    let failed = run.children(json!({"statusFilter": "FAILED"})).await[0]["executionArn"].clone();
    let child = server.ok("DescribeExecution", json!({"executionArn": failed})).await;
    assert_eq!((&child["error"], &child["redriveStatus"]), (&json!("Negative"), &json!("REDRIVABLE_BY_MAP_RUN")));
    let refused = server.refused("RedriveExecution", json!({"executionArn": failed})).await;
    assert!(refused.starts_with("ExecutionNotRedrivable"), "{refused}");
}

#[tokio::test]
async fn what_is_tolerated_shows_what_it_failed_for() {
    let server = Server::start().await;
    for (count, fields) in
        [json!({"ToleratedFailureCount": 1}), json!({"ToleratedFailurePercentage": 50})].iter().enumerate()
    {
        let server = if count == 0 { &server } else { &Server::start().await };
        let run = Run::start(server, &distributed("STANDARD", fields, &picky()), &json!([1, -1])).await;
        let output: Value =
            serde_json::from_str(run.ended().await["output"].as_str().expect("an output")).expect("JSON");
        assert_eq!(output[0], 1);
        assert_eq!(
            (&output[1]["Status"], &output[1]["Error"], &output[1]["Cause"], &output[1]["Input"]),
            (&json!("FAILED"), &json!("Negative"), &json!("below 0"), &json!("-1"))
        );
    }
}

#[tokio::test]
async fn a_record_says_whether_its_child_can_be_redriven() {
    let succeeded = json!("Execution is SUCCEEDED and cannot be redriven");
    for execution_type in ["STANDARD", "EXPRESS"] {
        let server = Server::start().await;
        let writer = json!({"WriterConfig": {"Transformation": "NONE", "OutputType": "JSON"}});
        let fields = json!({"ToleratedFailureCount": 1, "ResultWriter": writer});
        let run = Run::start(&server, &distributed(execution_type, &fields, &picky()), &json!([1, -1])).await;
        let ended = run.ended().await;
        let records: Value = serde_json::from_str(ended["output"].as_str().expect("an output")).expect("JSON");
        let told = [0, 1].map(|n| (&records[n]["RedriveStatus"], &records[n]["RedriveStatusReason"]));
        let expected = [(&json!("NOT_REDRIVABLE"), &succeeded), (&json!("REDRIVABLE_BY_MAP_RUN"), &Value::Null)];
        assert_eq!(told, expected, "{execution_type}");
    }
}

#[tokio::test]
async fn items_are_batched_and_counted() {
    let server = Server::start().await;
    let fields = json!({"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"b": 1}}});
    let processor = one_state(&json!({"Type": "Pass", "End": true}));
    let run = Run::start(&server, &distributed("STANDARD", &fields, &processor), &json!([1, 2, 3])).await;
    let batch = |items: &str| format!(r#"{{"BatchInput":{{"b":1}},"Items":{items}}}"#);
    assert_eq!(run.ended().await["output"], format!("[{},{}]", batch("[1,2]"), batch("[3]")));
    let described = run.described().await;
    assert_eq!(counts(&described, "executionCounts"), "succeeded 2, total 2, resultsWritten 2");
    assert_eq!(counts(&described, "itemCounts"), "succeeded 3, total 3, resultsWritten 3");
}

#[tokio::test]
async fn what_thousands_of_express_children_met_is_told() {
    let processor = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "W"}], "Default": "P"},
        "P": {"Type": "Pass", "End": true}, "W": {"Type": "Wait", "Seconds": 10, "End": true}
    }});
    let definition =
        distributed("EXPRESS", &json!({"MaxConcurrency": 1, "ToleratedFailurePercentage": 100}), &processor);
    for (first, strictness, status) in
        [(0, Strictness::NONE, "SUCCEEDED"), (0, Strictness::ALL, "FAILED"), (1, Strictness::ALL, "SUCCEEDED")]
    {
        let server = Server::with(Config { wait_time_scale: 0.5, strictness, ..Config::default() }).await;
        let items: Vec<u32> = (first..1500).collect();
        let run = Run::start(&server, &definition, &json!(items)).await;
        let ended = run.ended().await;
        assert_eq!(ended["status"], status, "{ended}");
        let path = format!("GET /_stepwell/executions/{}/honesty", run.execution.as_str().expect("an ARN"));
        let report = server.send(&path, &[], b"").await.body;
        let deviations = report["deviations"].as_array().expect("a list");
        let kinds: Vec<&Value> = deviations.iter().map(|met| &met["kind"]).collect();
        assert!(kinds.contains(&&json!("waitScaled")) == (first == 0), "{report}");
        assert!(!report.to_string().contains("nothing is known any more"), "{report}");
    }
}

/// A distributed Map that AWS may run, and Stepwell does not.
fn not_supported() -> Value {
    let processor = json!({
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}},
    });
    let batcher = json!({"MaxItemsPerBatchPath": "$.n"});
    json!({"Type": "Map", "ItemsPath": "$.items", "ItemBatcher": batcher, "ItemProcessor": processor, "End": true})
}

#[tokio::test]
async fn what_only_stepwell_fails_for_is_neither_tolerated_nor_caught() {
    const OURS: &str = "Stepwell does not support a MaxItemsPerBatch of 0";
    let server = Server::start().await;
    let catching = |name: &str, mut state: Value| {
        let caught = format!("{name} caught");
        state["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": caught}]);
        state["Next"] = json!(caught);
        json!({"StartAt": name, "States": {name: state, caught: {"Type": "Pass", "End": true}}})
    };
    let outer = |name: &str, processor: Value| {
        let mut map = json!({"Type": "Map", "ToleratedFailurePercentage": 100, "ItemProcessor": processor});
        map["ItemProcessor"]["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
        catching(name, map)
    };
    let inner = server.create(&one_state(&not_supported()).to_string(), json!({})).await;
    let starting = |machine: &Value| {
        let parameters = json!({"StateMachineArn": machine, "Input": {"items": [1], "n": 0}});
        json!({"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": parameters})
    };
    let item = json!({"items": [1], "n": 0});
    let start = json!({"stateMachineArn": inner, "input": item.to_string()});
    let failed = server.ok("StartExecution", start).await["executionArn"].clone();
    assert_eq!(server.ended(&failed).await["status"], "FAILED");
    let asking = json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
        "Parameters": {"ExecutionArn": failed},
    });
    for (definition, input) in [
        (outer("O", one_state(&not_supported())), json!([item])),
        (outer("O", outer("I", one_state(&not_supported()))), json!([[item]])),
        (catching("T", starting(&inner)), json!({})),
        (catching("T", asking), json!({})),
        (outer("O", catching("T", starting(&inner))), json!([item])),
    ] {
        let machine = server.create(&definition.to_string(), json!({})).await;
        let start = json!({"stateMachineArn": machine, "input": input.to_string()});
        let execution = server.ok("StartExecution", start).await["executionArn"].clone();
        let ended = server.ended(&execution).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!("States.Runtime")), "{ended}");
        let cause = ended["cause"].as_str().expect("a cause");
        assert!(cause.contains(OURS) && cause.contains(":execution:"), "{cause}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_stops_express_children_and_gives_their_place_away() {
    for _ in 0..30 {
        let server = Server::start().await;
        let fields = json!({"MaxConcurrency": 50});
        let items: Vec<u32> = (0..5000).collect();
        let run = Run::start(&server, &distributed("EXPRESS", &fields, &picky()), &json!(items)).await;
        run.until("running", 50).await;
        server.emulator.engine.reset(None);
        // Nothing moves the clock: what runs then runs for ever.
        let mut turns = 0..100_000;
        while server.emulator.engine.running_express() > 0 {
            assert!(turns.next().is_some(), "{} still run", server.emulator.engine.running_express());
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_map_run_whose_children_have_no_input_has_failed() {
    let server = Server::start().await;
    let fields = json!({"ItemSelector": {"v.$": "$.none"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "M"}]});
    let run = Run::start(&server, &distributed("STANDARD", &fields, &picky()), &json!([1])).await;
    let ended = run.ended().await;
    assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!("States.Runtime")));
    let history = run.history().await;
    let types: Vec<&Value> = history.as_array().expect("events").iter().map(|event| &event["type"]).collect();
    assert_eq!(types[3..], ["MapRunStarted", "MapRunFailed", "ExecutionFailed"]);
    assert_eq!(history[4]["mapRunFailedEventDetails"]["error"], "States.Runtime");
    while run.described().await["status"] != "FAILED" {
        tokio::task::yield_now().await;
    }
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    run.ended().await;
    let runs = server.ok("ListMapRuns", json!({"executionArn": run.execution})).await;
    assert_eq!(runs["mapRuns"].as_array().map(Vec::len), Some(2), "a redrive begins a new one");
}

#[tokio::test]
async fn express_children_come_to_their_end_though_the_parent_is_stopped() {
    let server = Server::start().await;
    let fields = json!({"MaxConcurrency": 1});
    let run = Run::start(&server, &distributed("EXPRESS", &fields, &picky()), &json!([1, 2])).await;
    run.until("running", 1).await;
    server.ok("StopExecution", json!({"executionArn": run.execution})).await;
    server.ok("RedriveExecution", json!({"executionArn": run.execution})).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(counts(&run.described().await, "executionCounts"), "pending 1, running 1, total 2");
    assert_eq!(run.ended().await["output"], "[1,2]");
    assert_eq!(run.children(json!({"statusFilter": "SUCCEEDED"})).await.len(), 2);
    let again = Run { server: &server, execution: run.again().await };
    again.until("running", 1).await;
    server.ok("StopExecution", json!({"executionArn": again.execution})).await;
    assert_eq!(again.described().await["status"], "RUNNING");
    server.emulator.engine.advance(Duration::from_secs(60));
    while again.described().await["status"] != "ABORTED" {
        tokio::task::yield_now().await;
    }
    assert_eq!(counts(&again.described().await, "executionCounts"), "pending 1, succeeded 1, total 2");
}

#[tokio::test]
async fn a_thousand_map_runs_are_open_and_others_wait() {
    let server = Server::start().await;
    let first = Run::start(&server, &distributed("STANDARD", &json!({}), &picky()), &json!([1])).await;
    for _ in 0..999 {
        first.again().await;
    }
    first.until("running", 1).await;
    let last = Run { server: &server, execution: first.again().await };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let described = last.described().await;
    assert_eq!((&described["status"], counts(&described, "itemCounts")), (&json!("RUNNING"), String::new()));
    server.emulator.engine.advance(Duration::from_secs(60));
    last.until("running", 1).await;
    assert_eq!(last.ended().await["output"], "[1]");
}

#[tokio::test]
async fn results_that_could_not_be_written_are_not_counted_as_written() {
    let mut endpoints = Endpoints::default();
    let nobody = Endpoint::parse("http://127.0.0.1:1").expect("a URL");
    endpoints.of_services.insert("AWS_ENDPOINT_URL_S3".to_owned(), nobody);
    let server = Server::with(Config { endpoints, ..Config::default() }).await;
    let writer = json!({"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "bucket"}});
    let run =
        Run::start(&server, &distributed("STANDARD", &json!({"ResultWriter": writer}), &picky()), &json!([1])).await;
    assert_eq!(run.ended().await["error"], "States.ResultWriterFailed");
    assert_eq!(counts(&run.described().await, "itemCounts"), "succeeded 1, total 1");
}

#[tokio::test]
async fn thousands_of_children_are_begun_and_counted() {
    let server = Server::start().await;
    let items: Vec<u32> = (0..5000).collect();
    for execution_type in ["STANDARD", "EXPRESS"] {
        let server = if execution_type == "STANDARD" { &server } else { &Server::start().await };
        let processor = one_state(&json!({"Type": "Pass", "Result": 0, "End": true}));
        let run = Run::start(server, &distributed(execution_type, &json!({}), &processor), &json!(items)).await;
        let ended = run.ended().await;
        assert_eq!(ended["status"], "SUCCEEDED", "{}", ended["cause"]);
        assert_eq!(
            counts(&run.described().await, "executionCounts"),
            "succeeded 5000, total 5000, resultsWritten 5000"
        );
        let page = run.children(json!({"maxResults": 1000})).await;
        assert_eq!(page.len(), 1000);
    }
}

#[tokio::test]
async fn a_reset_forgets_map_runs() {
    let server = Server::start().await;
    let run = Run::start(&server, &distributed("STANDARD", &json!({}), &picky()), &json!([1])).await;
    run.until("running", 1).await;
    let arn = run.arn().await;
    server.emulator.engine.reset(None);
    assert!(server.refused("DescribeMapRun", json!({"mapRunArn": arn})).await.starts_with("ResourceNotFound"));
    server.emulator.engine.advance(Duration::from_secs(120));
    assert!(server.refused("ListExecutions", json!({"mapRunArn": arn})).await.starts_with("ResourceNotFound"));
}

#[tokio::test]
async fn an_execution_without_map_runs_has_an_empty_list() {
    let server = Server::start().await;
    server.ok("CreateStateMachine", json!({"name": "m", "definition": PASS, "roleArn": ROLE})).await;
    let start = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "name": "e"});
    let execution = server.ok("StartExecution", start).await["executionArn"].clone();
    assert_eq!(server.ok("ListMapRuns", json!({"executionArn": execution})).await, json!({"mapRuns": []}));
    let other_page = json!({"executionArn": execution, "nextToken": "x"});
    assert_eq!(server.refused("ListMapRuns", other_page).await, "InvalidToken: Invalid Token: 'Invalid token'");
    for (rest, expected) in [
        ("execution:m:none", "ExecutionDoesNotExist: Execution Does Not Exist: '{}'"),
        ("express:m:e:u", "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'"),
        ("mapRun:m/label:u", "InvalidArn: Invalid Arn: 'Resource type not valid in this context: mapRun'"),
    ] {
        let arn = format!("{PREFIX}:{rest}");
        let refused = server.refused("ListMapRuns", json!({"executionArn": arn})).await;
        assert_eq!(refused, expected.replace("{}", &arn));
    }
}

#[tokio::test]
async fn a_map_run_that_does_not_exist_is_not_found() {
    let server = Server::start().await;
    let not_found = format!("ResourceNotFound: Resource not found: '{}'", map_run());
    for (operation, request) in [
        ("DescribeMapRun", json!({"mapRunArn": map_run()})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "maxConcurrency": 2})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "toleratedFailurePercentage": 12.5})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "toleratedFailureCount": 5_000_000_000_i64})),
    ] {
        let answer = server.call(operation, request).await;
        assert_eq!((answer.error(), &answer.body["resourceName"]), (not_found.clone(), &json!(map_run())));
        let execution = json!({"mapRunArn": format!("{PREFIX}:execution:m:e"), "maxConcurrency": 1});
        let refused = server.refused(operation, execution).await;
        assert_eq!(refused, "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'");
    }
}

#[tokio::test]
async fn an_update_has_limits() {
    let server = Server::start().await;
    let violated = |value: &str, member: &str, constraint: &str| {
        format!(
            "ValidationException: 1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {constraint}"
        )
    };
    for (changes, expected) in [
        (json!({"maxConcurrency": -1}), violated("-1", "maxConcurrency", "greater than or equal to 0")),
        (json!({"toleratedFailureCount": -1}), violated("-1", "toleratedFailureCount", "greater than or equal to 0")),
        (
            json!({"toleratedFailurePercentage": 100.5}),
            violated("100.5", "toleratedFailurePercentage", "less than or equal to 100"),
        ),
        (
            json!({"toleratedFailurePercentage": -1}),
            violated("-1.0", "toleratedFailurePercentage", "greater than or equal to 0"),
        ),
        (
            json!({"toleratedFailureCount": "5"}),
            "SerializationException: STRING_VALUE can not be converted to a Long".to_owned(),
        ),
        (
            json!({"toleratedFailurePercentage": "5"}),
            "SerializationException: STRING_VALUE can not be converted to a Float".to_owned(),
        ),
        (
            json!({}),
            "ValidationException: At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified"
                .to_owned(),
        ),
    ] {
        let mut request: Value = changes.clone();
        request["mapRunArn"] = json!(map_run());
        assert_eq!(server.refused("UpdateMapRun", request).await, expected, "{changes}");
    }
}
