//! `.sync`: tasks that wait for the jobs of other services.

mod kubernetes;
mod services;
mod stub;

use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use stub::{Answer, Stub};

/// The state machine with a task that calls this, and what else its state says.
async fn start(server: &Server, resource: &str, parameters: &str, fields: &str) -> Value {
    let state = format!(
        r#"{{"Type":"Task","Resource":"arn:aws:states:::{resource}","Parameters":{parameters},"End":true{fields}}}"#
    );
    start_definition(server, &format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#)).await
}

async fn start_definition(server: &Server, definition: &str) -> Value {
    let machine = server.create(definition, json!({})).await;
    server.ok("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"].clone()
}

/// The events of its history.
async fn events(server: &Server, execution: &Value) -> Vec<Value> {
    let history = server.ok("GetExecutionHistory", json!({"executionArn": execution})).await;
    history["events"].as_array().expect("events").clone()
}

fn ok(body: &str) -> Answer {
    (200, body.to_owned())
}

const RUN: &str = r#"{"JobName":"j"}"#;
const STARTED: &str = r#"{"JobRunId":"r"}"#;

fn run_is(state: &str) -> Answer {
    ok(&format!(r#"{{"JobRun":{{"Id":"r","StartedOn":1700000000.5,"JobRunState":"{state}","Attempt":0}}}}"#))
}

#[tokio::test]
async fn a_task_waits_for_its_job_and_has_its_description_as_result() {
    let stub = Stub::start(vec![ok(STARTED), run_is("RUNNING"), run_is("SUCCEEDED")]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
    let described = server.ended(&execution).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(described["output"], r#"{"Attempt":0,"Id":"r","JobRunState":"SUCCEEDED","StartedOn":1700000000500}"#);
    let look = r#"GetJobRun {"JobName":"j","RunId":"r"}"#;
    assert_eq!(stub.requests(), [r#"StartJobRun {"JobName":"j"}"#, look, look]);
    let events = events(&server, &execution).await;
    let types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(types[2..6], ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]);
    let submitted = &events[4]["taskSubmittedEventDetails"];
    assert_eq!((&submitted["resource"], &submitted["resourceType"]), (&json!("startJobRun.sync"), &json!("glue")));
    assert!(submitted["output"].as_str().unwrap_or_default().starts_with(r#"{"JobRunId":"r","SdkHttpMetadata":"#));
}

#[tokio::test]
async fn looks_wait_by_the_clock_of_workflows() {
    let stub = Stub::start(vec![ok(STARTED), run_is("RUNNING")]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "glue:startJobRun.sync", RUN, r#","TimeoutSeconds":60"#).await;
    let engine = &server.emulator.engine;
    // The pauses that grow to five seconds, with what is asked a millisecond before each of them is over.
    for (looks, pause) in (1..).zip([200, 300, 450, 675, 1012, 1518, 2278, 3417, 5000, 5000]) {
        stub.asked(1 + looks).await;
        // What is answered must have been read before the clock moves on.
        while engine.waiting_jobs() == 0 {
            tokio::task::yield_now().await;
        }
        engine.advance(Duration::from_millis(pause - 1));
        assert_eq!((engine.waiting_jobs(), stub.requests().len()), (1, 1 + looks));
        engine.advance(Duration::from_millis(1));
        assert_eq!(engine.waiting_jobs(), 0);
    }
    engine.advance(Duration::from_secs(60));
    let described = server.ended(&execution).await;
    assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.Timeout")));
}

#[tokio::test]
async fn a_job_that_fails_fails_its_task_with_its_description() {
    let stub = Stub::start(vec![ok(STARTED), run_is("TIMEOUT")]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
    let described = server.ended(&execution).await;
    assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.TaskFailed")));
    assert_eq!(described["cause"], r#"{"Attempt":0,"Id":"r","JobRunState":"TIMEOUT","StartedOn":1700000000500}"#);
    // It has ended by itself: nobody stops it.
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_look_that_fails_for_now_is_repeated_and_one_that_fails_for_good_fails_the_task() {
    let throttled = (400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.to_owned());
    let broken = (503, "busy".to_owned());
    let none = ok("{}");
    let stub = Stub::start(vec![ok(STARTED), throttled.clone(), broken.clone(), none, run_is("SUCCEEDED")]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
    assert_eq!(server.ended(&execution).await["status"], "SUCCEEDED");
    assert_eq!(stub.requests().len(), 5);

    let denied = (400, r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned());
    let gone = (400, r#"{"__type":"EntityNotFoundException","Message":"gone"}"#.to_owned());
    let in_words = |code: &str, message: &str| {
        format!("{message} (Service: AWSGlue; Status Code: 400; Error Code: {code}; Request ID: null; Proxy: null)")
    };
    for (answer, looks, error, cause) in [
        (denied, 1, "Glue.AccessDeniedException", in_words("AccessDeniedException", "no")),
        (gone, 1, "Glue.EntityNotFoundException", in_words("EntityNotFoundException", "gone")),
        (throttled, 61, "Glue.ThrottlingException", in_words("ThrottlingException", "Rate exceeded")),
        (ok("{}"), 61, "States.TaskFailed", "glue:getJobRun tells of no job for glue:startJobRun.sync".to_owned()),
    ] {
        let stub = Stub::start(vec![ok(STARTED), answer]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
        let described = server.ended(&execution).await;
        assert_eq!((&described["error"], &described["cause"]), (&json!(error), &json!(cause)));
        assert_eq!(stub.requests().iter().filter(|request| request.starts_with("GetJobRun")).count(), looks);
    }
}

#[tokio::test]
async fn a_job_that_can_no_longer_be_looked_at_is_stopped_unless_it_is_gone() {
    let error = |code: &str| (400, format!(r#"{{"__type":"{code}","Message":"no"}}"#));
    for (code, is_stopped) in [("AccessDeniedException", true), ("EntityNotFoundException", false)] {
        let stub = Stub::start(vec![ok(STARTED), error(code)]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
        assert_eq!(server.ended(&execution).await["error"], format!("Glue.{code}"));
        let requests = if is_stopped { stub.asked(3).await } else { stub.requests() };
        assert_eq!(requests.iter().any(|request| request.starts_with("BatchStopJobRun")), is_stopped);
    }
}

#[tokio::test]
async fn only_a_service_that_says_so_has_deleted_something() {
    let application = r#"{"ApplicationId":"a"}"#;
    let gone = r#"{"__type":"ResourceNotFoundException","message":"no such application"}"#;
    for (answer, status) in [(gone, "SUCCEEDED"), ("not here", "FAILED"), ("<html>Not Found</html>", "FAILED")] {
        let stub = Stub::start(vec![ok("{}"), (404, answer.to_owned())]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, "emr-serverless:deleteApplication.sync", application, "").await;
        assert_eq!(server.ended(&execution).await["status"], status, "{answer}");
    }
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_is_stopped() {
    let stop = r#"BatchStopJobRun {"JobName":"j","JobRunIds":["r"]}"#;
    let task =
        r#"{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","Parameters":{"JobName":"j"},"End":true"#;
    let machine = |state: &str| format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#);
    let branches = format!(
        r#"{{"Type":"Parallel","End":true,"Branches":[{{"StartAt":"T","States":{{"T":{task}}}}}}},
            {{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":9,"Next":"F"}},"F":{{"Type":"Fail"}}}}}}]}}"#
    );
    for (definition, stopped) in [
        (machine(&format!(r#"{task},"TimeoutSeconds":9}}"#)), false),
        (machine(&branches), false),
        (machine(&format!("{task}}}")), true),
        (format!(r#"{{"TimeoutSeconds":9,"StartAt":"S","States":{{"S":{task}}}}}}}"#), false),
    ] {
        let stub = Stub::start(vec![ok(STARTED), run_is("RUNNING")]).await;
        let server = Server::with(stub.config()).await;
        let execution = start_definition(&server, &definition).await;
        stub.asked(2).await;
        if stopped {
            server.ok("StopExecution", json!({"executionArn": execution})).await;
        } else {
            server.emulator.engine.advance(Duration::from_secs(9));
        }
        let described = server.ended(&execution).await;
        assert_ne!(described["status"], "SUCCEEDED", "{definition}");
        loop {
            let requests = stub.requests();
            if requests.iter().any(|request| request == stop) {
                break;
            }
            stub.asked(requests.len() + 1).await;
        }
    }
}

#[tokio::test]
async fn a_description_that_is_too_large_fails_the_task() {
    let text = "x".repeat(262_144);
    for state in ["SUCCEEDED", "FAILED"] {
        let large = ok(&format!(r#"{{"JobRun":{{"JobRunState":"{state}","ErrorMessage":"{text}"}}}}"#));
        let stub = Stub::start(vec![ok(STARTED), large]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
        assert_eq!(server.ended(&execution).await["error"], "States.DataLimitExceeded", "{state}");
    }
}

#[tokio::test]
async fn a_start_that_is_refused_is_waited_for_no_longer() {
    let refused = (400, r#"{"__type":"ConcurrentRunsExceededException","Message":"too many"}"#.to_owned());
    let stub = Stub::start(vec![refused]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "glue:startJobRun.sync", RUN, "").await;
    assert_eq!(server.ended(&execution).await["error"], "Glue.ConcurrentRunsExceededException");
    assert_eq!(stub.requests().len(), 1);
}
