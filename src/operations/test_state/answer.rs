//! What TestState answers.

use super::InspectionLevel;
use crate::asl::program::StateKind;
use crate::engine::{Description, Exchange, Inspection, Status, Trial};
use crate::json::Value;
use smol_str::SmolStr;

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what comes out
        output: Option<Value> = "output";
        /// the error that it failed with
        error: Option<SmolStr> = "error";
        /// why
        cause: Option<SmolStr> = "cause";
        /// what the data looked like
        inspection_data: Option<InspectionData> = "inspectionData";
        /// which state comes next
        next_state: Option<SmolStr> = "nextState";
        /// how it ended
        status: &'static str = "status";
    }
}

crate::protocol::answer! {
    /// What the data looked like on its way.
    pub struct InspectionData {
        /// as it came
        input: Value = "input";
        /// after Arguments
        after_arguments: Option<Value> = "afterArguments";
        /// after InputPath
        after_input_path: Option<Value> = "afterInputPath";
        /// after Parameters
        after_parameters: Option<Value> = "afterParameters";
        /// what the work came to
        result: Option<Value> = "result";
        /// after ResultSelector
        after_result_selector: Option<Value> = "afterResultSelector";
        /// after ResultPath
        after_result_path: Option<Value> = "afterResultPath";
        /// what an HTTP Task sent
        request: Option<Request> = "request";
        /// what came back
        response: Option<Response> = "response";
        /// the variables behind the state
        variables: Option<Value> = "variables";
        /// who dealt with a failure
        error_details: Option<ErrorDetails> = "errorDetails";
        /// after ItemsPath
        after_items_path: Option<SmolStr> = "afterItemsPath";
        /// after ItemsPointer
        after_items_pointer: Option<SmolStr> = "afterItemsPointer";
        /// after ItemBatcher
        after_item_batcher: Option<SmolStr> = "afterItemBatcher";
        /// the inputs of all iterations
        after_item_selector: Option<SmolStr> = "afterItemSelector";
        /// how many failures are tolerated
        tolerated_failure_count: Option<i64> = "toleratedFailureCount";
        /// which part of the iterations may fail
        tolerated_failure_percentage: Option<f64> = "toleratedFailurePercentage";
        /// how many iterations run at the same time
        max_concurrency: Option<i64> = "maxConcurrency";
    }
}

crate::protocol::answer! {
    /// What an HTTP Task sent.
    pub struct Request {
        /// `https`
        protocol: &'static str = "protocol";
        /// the method
        method: SmolStr = "method";
        /// where to
        url: SmolStr = "url";
        /// the headers in one text
        headers: SmolStr = "headers";
        /// the body
        body: Option<SmolStr> = "body";
    }
}

crate::protocol::answer! {
    /// What came back.
    pub struct Response {
        /// `https`
        protocol: &'static str = "protocol";
        /// the status
        status_code: SmolStr = "statusCode";
        /// what it is called
        status_message: SmolStr = "statusMessage";
        /// the headers in one text
        headers: SmolStr = "headers";
        /// the body
        body: SmolStr = "body";
    }
}

crate::protocol::answer! {
    /// Who dealt with a failure.
    pub struct ErrorDetails {
        /// the catcher's place
        catch_index: Option<i64> = "catchIndex";
        /// the retrier's place
        retry_index: Option<i64> = "retryIndex";
        /// how long the retrier would wait
        retry_backoff: Option<i64> = "retryBackoffIntervalSeconds";
    }
}

/// The answer for a state that has ended.
pub fn answer(
    input: Value,
    ended: Description,
    trial: Trial,
    level: InspectionLevel,
    exchange: Option<Exchange>,
) -> Output {
    let inspection_data = (level != InspectionLevel::Info).then(|| inspected(input, &trial, exchange));
    let succeeded = ended.summary.status == Status::Succeeded;
    let (status, error, cause) = match (trial.caught, ended.summary.status) {
        (Some(caught), Status::Succeeded) => ("CAUGHT_ERROR", caught.error, caught.cause),
        (_, Status::Succeeded) => ("SUCCEEDED", None, None),
        _ if trial.is_retriable => ("RETRIABLE", ended.error, ended.cause),
        // TestState takes five minutes at most (documented); that there is no cause is a guess.
        (_, Status::TimedOut) => ("FAILED", Some("States.Timeout".into()), None),
        _ => ("FAILED", ended.error, ended.cause),
    };
    Output {
        output: ended.output.filter(|_| succeeded),
        error,
        cause,
        inspection_data,
        next_state: trial.next.filter(|_| succeeded),
        status,
    }
}

fn inspected(input: Value, trial: &Trial, exchange: Option<Exchange>) -> InspectionData {
    let (request, response) = exchange.map_or((None, None), |Exchange { request, response }| (Some(request), response));
    let seen = trial.inspection();
    let variables = || Value::object(trial.variables.iter().cloned());
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    InspectionData {
        input,
        error_details: error_details(&seen),
        after_arguments: seen.after_arguments,
        after_input_path: seen.after_input_path,
        after_parameters: seen.after_parameters,
        result: seen.result,
        after_result_selector: seen.after_result_selector,
        after_result_path: seen.after_result_path,
        request: request.map(|sent| Request {
            protocol: sent.protocol,
            method: sent.method,
            url: sent.url,
            headers: sent.headers,
            body: sent.body,
        }),
        response: response.map(|received| Response {
            protocol: received.protocol,
            status_code: received.status_code,
            status_message: received.status_message,
            headers: received.headers,
            body: received.body,
        }),
        variables: (!trial.variables.is_empty()).then(variables),
        after_items_path: seen.after_items_path.as_ref().map(listed),
        after_items_pointer: seen.after_items_pointer.as_ref().map(listed),
        after_item_batcher: seen.after_item_batcher.as_ref().map(listed),
        after_item_selector: seen.after_item_selector.as_ref().map(listed),
        tolerated_failure_count: seen.tolerated_failure_count.map(number),
        tolerated_failure_percentage: seen.tolerated_failure_percentage,
        max_concurrency: seen.max_concurrency.map(number),
    }
}

/// Items as Java shows a list, with blanks between them. Recorded after ItemsPath; that the others are like that
/// is a guess.
fn listed(items: &Value) -> SmolStr {
    let items: Vec<String> = items.as_array().unwrap_or_default().iter().map(Value::to_text).collect();
    format!("[{}]", items.join(", ")).into()
}

/// A retrier that has no attempts left is named too (recorded). That it is named beside a catcher is a guess.
fn error_details(seen: &Inspection) -> Option<ErrorDetails> {
    let place = |place: usize| place as i64;
    let dealt_with = seen.catch_index.is_some() || seen.retry_index.is_some();
    dealt_with.then(|| ErrorDetails {
        catch_index: seen.catch_index.map(place),
        retry_index: seen.retry_index.map(place),
        retry_backoff: seen.retry_backoff_seconds,
    })
}

/// `Type` of a state.
pub fn type_name(kind: &StateKind) -> &'static str {
    match kind {
        StateKind::Pass(_) => "Pass",
        StateKind::Task(_) => "Task",
        StateKind::Choice(_) => "Choice",
        StateKind::Wait(_) => "Wait",
        StateKind::Succeed => "Succeed",
        StateKind::Fail(_) => "Fail",
        StateKind::Parallel(_) => "Parallel",
        StateKind::Map(_) => "Map",
    }
}
