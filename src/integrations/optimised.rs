//! Optimised integrations that call one operation of a service's API: `arn:aws:states:::<service>:<action>`.
//!
//! Requests and results are those of `aws-sdk`; errors are in the words of AWS's SDK for Java, version 1, and most
//! results have its metadata.

use super::aws_sdk::{AwsSdk, Fault, NotSent, ServiceError, Target, Unreadable, decode};
use super::harness::{self, Interrupted};
use super::http::{Answer, Problem};
use super::sdk::{self, Spelling};
use crate::arn::Namespace;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::interpreter::invocation::Pattern;
use crate::json::{Object, Value};
use crate::service_model::{self, Call, Lookup, Service};

/// How many pages of a list are read, in case that it never ends.
const MOST_PAGES: usize = 1000;

/// An operation, and how the SDK speaks of its service.
pub(super) struct Optimised {
    /// What is called.
    pub target: Target,
    /// The names that its members have for the task.
    call: Call,
    /// The first part of error names: `DynamoDB`.
    pub prefix: &'static str,
    /// The service's name in causes, and with `Exception` the name of errors without a class of their own:
    /// `AmazonDynamoDBv2`.
    client: &'static str,
    /// That name where it differs: `AmazonDynamoDBException`.
    exception: &'static str,
}

/// Service, prefix, the SDK's names of the service and of its exceptions.
///
/// Recorded: DynamoDB, SQS, SNS; documented: the prefixes, `AmazonECSException`, `AWSBatchException`,
/// `AmazonSageMakerException`. The rest is what the SDK's classes are called; those of EMR's descendants are a guess.
const SERVICES: &[(&str, &str, &str, &str)] = &[
    ("dynamodb", "DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDB"),
    ("sqs", "SQS", "AmazonSQS", "AmazonSQS"),
    ("sns", "SNS", "AmazonSNS", "AmazonSNS"),
    ("events", "EventBridge", "AmazonEventBridge", "AmazonEventBridge"),
    ("ecs", "ECS", "AmazonECS", "AmazonECS"),
    ("batch", "Batch", "AWSBatch", "AWSBatch"),
    ("glue", "Glue", "AWSGlue", "AWSGlue"),
    ("databrew", "DataBrew", "AWSGlueDataBrew", "AWSGlueDataBrew"),
    ("athena", "Athena", "AmazonAthena", "AmazonAthena"),
    ("codebuild", "CodeBuild", "AWSCodeBuild", "AWSCodeBuild"),
    ("sagemaker", "SageMaker", "AmazonSageMaker", "AmazonSageMaker"),
    ("elasticmapreduce", "ElasticMapReduce", "AmazonElasticMapReduce", "AmazonElasticMapReduce"),
    ("emr-containers", "EMRContainers", "AmazonEMRContainers", "AmazonEMRContainers"),
    ("emr-serverless", "EmrServerless", "AWSEMRServerless", "AWSEMRServerless"),
    ("eks", "EKS", "AmazonEKS", "AmazonEKS"),
    ("bedrock", "Bedrock", "AmazonBedrock", "AmazonBedrock"),
    ("bedrockagentcore", "BedrockAgentCore", "BedrockAgentCore", "BedrockAgentCore"),
    ("mediaconvert", "MediaConvert", "AWSMediaConvert", "AWSMediaConvert"),
];

/// Why something that was asked has no answer.
pub(super) enum Refusal {
    /// It may have one later.
    Passing(Failure),
    /// It is about something that isn't there.
    Gone(Failure),
    /// It will never have one.
    Lasting(Failure),
}

impl Refusal {
    /// What was reported.
    pub fn into_failure(self) -> Failure {
        match self {
            Refusal::Passing(failure) | Refusal::Gone(failure) | Refusal::Lasting(failure) => failure,
        }
    }
}

/// What an error of a service means for who asks again. Only a service that names the error says that something isn't there:
/// a bare 404 may come from something else that stands at the address.
fn refusal(service: &Service, error: &ServiceError) -> fn(Failure) -> Refusal {
    let code = error.code.as_deref().unwrap_or_default();
    let is_busy = ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "ServiceUnavailable"]
        .iter()
        .any(|busy| code.contains(busy));
    if error.status >= 500 || error.status == 429 || is_busy {
        Refusal::Passing
    } else if service.exception(code).is_some() && ["NotFound", "DoesNotExist"].iter().any(|gone| code.contains(gone)) {
        Refusal::Gone
    } else {
        Refusal::Lasting
    }
}

impl Optimised {
    /// The integration with this service and action.
    pub fn find(service: &str, action: &str) -> Option<Optimised> {
        let (_, prefix, client, exception) = SERVICES.iter().copied().find(|(name, ..)| *name == service)?;
        let call = service_model::optimised(service, action)?;
        Some(Optimised { target: Target::of(&call), call, prefix, client, exception })
    }

    /// A call of S3 that no task makes itself. The names are those of the SDK; nothing recorded shows them in a task.
    pub fn of_s3(action: &str) -> Optimised {
        let target = Target::find("s3", action).expect("the table has the actions of S3");
        let call = Call::of(target.service, target.operation);
        Optimised { target, call, prefix: "S3", client: "Amazon S3", exception: "AmazonS3" }
    }

    /// Makes the call and waits for its result. Dropping the future gives the call up.
    pub async fn call(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
        pattern: Pattern,
    ) -> Result<Value, Failure> {
        if self.target.service.name == "sqs" {
            self.look_up_queue(parameters).await?;
        }
        self.is_one_job(parameters, pattern)?;
        let parameters = match self.call.lookup() {
            Some(lookup) => &self.look_up(sdk, namespace, endpoint, parameters, lookup).await?,
            None => parameters,
        };
        let sent = self.with_media_types(&self.call.to_api(parameters));
        match sdk.send(namespace, endpoint, &self.target, &sent).await {
            Ok(answer) => self.result(&answer, parameters).and_then(|result| self.has_begun(result, pattern)),
            Err(NotSent::Unusable(failure)) => Err(failure),
            Err(NotSent::Transport(Problem::TooLarge)) => {
                Err(Failure::DataLimitExceeded { subject: self.target.service.name.into() })
            }
            Err(NotSent::Transport(problem)) => Err(self.client_failure(&problem)),
        }
    }

    /// Asks what isn't the task's own call, and has no time-out of its own: an answer without metadata, or why there is none.
    pub async fn ask(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
    ) -> Result<Value, Refusal> {
        self.told(sdk.ask(namespace, endpoint, &self.target, parameters).await)
    }

    /// The same of an answer that may have so many bytes.
    pub async fn fetch(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
        most_bytes: usize,
    ) -> Result<Value, Refusal> {
        self.told(sdk.fetch(namespace, endpoint, &self.target, parameters, most_bytes).await)
    }

    /// The same of a call whose body is this content.
    pub async fn put(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
        content: String,
    ) -> Result<Value, Refusal> {
        self.told(sdk.put(namespace, endpoint, &self.target, parameters, content.into()).await)
    }

    fn told(&self, answer: Result<Answer, NotSent>) -> Result<Value, Refusal> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(NotSent::Unusable(failure)) => return Err(Refusal::Lasting(failure)),
            Err(NotSent::Transport(Problem::TooLarge)) => {
                return Err(Refusal::Lasting(Failure::DataLimitExceeded { subject: self.target.service.name.into() }));
            }
            Err(NotSent::Transport(Problem::RoleRefused { machine_role, task_role })) => {
                return Err(Refusal::Lasting(Failure::RoleNotAssumable { machine_role, task_role }));
            }
            Err(NotSent::Transport(problem)) => return Err(Refusal::Passing(self.client_failure(&problem))),
        };
        decode(&self.target, answer.response()).map_err(|fault| match fault {
            Fault::Service(error) => {
                let kind = refusal(self.target.service, &error);
                kind(self.service_failure(error, &answer))
            }
            Fault::Unreadable(problem) => Refusal::Lasting(self.unreadable(&problem, &answer)),
        })
    }

    /// The parameters with the identifier of what they name. What AWS says if nothing has that name isn't known.
    async fn look_up(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
        lookup: Lookup,
    ) -> Result<Value, Failure> {
        let member = |name: &str| parameters.get(name).cloned().unwrap_or_default();
        let (cluster, name) = (member("ClusterId"), member(lookup.name));
        let call = Call::of(self.target.service, self.target.service.action(lookup.list).expect("a test looks at it"));
        let list = Optimised { target: Target::of(&call), call, ..*self };
        let mut marker = None;
        for _ in 0..MOST_PAGES {
            let more = marker.take().map(|marker: Value| ("Marker", marker));
            let asked = Value::object([("ClusterId", cluster.clone())].into_iter().chain(more));
            let answer = list.ask(sdk, namespace, endpoint, &asked).await.map_err(Refusal::into_failure)?;
            let items = answer.get(lookup.items).and_then(Value::as_array).unwrap_or_default();
            let named = items.iter().find(|item| item.get("Name").is_some_and(|n| n.as_str() == name.as_str()));
            if let Some(id) = named.and_then(|item| item.get("Id")) {
                let (outer, inner) = lookup.wanted;
                return Ok(match (parameters, member(outer)) {
                    (Value::Object(all), Value::Object(one)) => all.with(outer, one.with(inner, id.clone())),
                    _ => parameters.clone(),
                });
            }
            marker =
                answer.get("Marker").filter(|marker| marker.as_str().is_some_and(|text| !text.is_empty())).cloned();
            if marker.is_none() {
                let (cluster, name) = (cluster.as_str().unwrap_or_default(), name.as_str().unwrap_or_default());
                let cause = format!("the cluster {cluster} has no {} {name}", lookup.name);
                return Err(Failure::reported(format!("{}.InvalidRequestException", self.prefix), cause));
            }
        }
        let (list, name) = (lookup.list, name.as_str().unwrap_or_default());
        let more = format!("more than {MOST_PAGES} pages of {list}, and {name} is on none of these");
        Err(Failure::not_supported(more))
    }

    /// What AWS makes of several tasks of ECS to wait for isn't known.
    fn is_one_job(&self, parameters: &Value, pattern: Pattern) -> Result<(), Failure> {
        let tasks = parameters.get("Count").and_then(Value::as_i64).unwrap_or(1);
        if self.target.operation.name != "RunTask" || pattern != Pattern::Sync || tasks <= 1 {
            return Ok(());
        }
        let several = format!("ecs:runTask.sync with a Count of {tasks} yet: it waits for one task");
        Err(Failure::not_supported(several))
    }

    /// What stands in the result in place of the body isn't documented.
    pub fn has_no_output_in_s3(&self, parameters: &Value) -> Result<(), Failure> {
        match parameters.get("Output").filter(|_| self.is_model()) {
            None => Ok(()),
            Some(_) => Err(Failure::not_supported(
                "Output of bedrock:invokeModel yet: what it puts into the result is not documented",
            )),
        }
    }

    /// Documented: a task of ECS that could not be placed fails the task of who waits for it. The cause is a guess.
    fn has_begun(&self, result: Value, pattern: Pattern) -> Result<Value, Failure> {
        let failures = result.get("Failures").and_then(Value::as_array).unwrap_or_default();
        if self.target.operation.name != "RunTask" || !pattern.waits() || failures.is_empty() {
            return Ok(result);
        }
        Err(Failure::reported("AmazonECS.Unknown", Value::array(failures.to_vec()).to_compact_text()))
    }

    /// Models are spoken to in JSON unless something else was said.
    fn with_media_types(&self, parameters: &Value) -> Value {
        let mut parameters = parameters.clone();
        for name in ["ContentType", "Accept"].iter().filter(|_| self.is_model()) {
            parameters = match &parameters {
                Value::Object(members) if !members.contains(name) => members.with(name, "application/json".into()),
                _ => parameters,
            };
        }
        parameters
    }

    fn is_harness(&self) -> bool {
        self.target.service.name == "bedrockagentcore"
    }

    fn is_model(&self) -> bool {
        self.target.service.name == "bedrockruntime"
    }

    /// The SDK sends messages to the host in the queue's URL. Here they go to the endpoint, where the path of the URL
    /// names the queue; a URL without a path names nothing but the host, so that has to be one. Recorded.
    async fn look_up_queue(&self, parameters: &Value) -> Result<(), Failure> {
        let url = parameters.get("QueueUrl").and_then(Value::as_str).unwrap_or_default();
        // Nobody is asked for the hosts of AWS, which are there.
        let alone = |queue: &Endpoint| queue.path().is_empty() && !queue.is_at_aws();
        let Some(queue) = Endpoint::parse(url).ok().filter(alone) else { return Ok(()) };
        let host = queue.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        match tokio::net::lookup_host((host.as_str(), queue.port())).await {
            Ok(_) => Ok(()),
            Err(_) => Err(self.client_failure(&Problem::UnknownHost { host: queue.host().to_owned() })),
        }
    }

    fn client_failure(&self, problem: &Problem) -> Failure {
        problem.failure(|cause| Failure::reported(format!("{}.SdkClientException", self.prefix), cause))
    }

    /// What an answer means.
    fn result(&self, answer: &Answer, parameters: &Value) -> Result<Value, Failure> {
        if self.is_harness() && answer.status.is_success() {
            return harness::result(&answer.body).map_err(|interrupted| match interrupted {
                Interrupted::Unreadable(problem) => self.unreadable(&Unreadable::Body(problem), answer),
                Interrupted::Exception { name, message } => {
                    let request_id = sdk::header(&answer.headers, "x-amzn-requestid").map(str::to_owned);
                    let (status, code) = (answer.status.as_u16(), Some(name));
                    let error = ServiceError { status, code, message, request_id, extended_request_id: None };
                    self.service_failure(error, answer)
                }
            });
        }
        let output = decode(&self.target, answer.response()).map_err(|fault| match fault {
            Fault::Service(error) => self.service_failure(error, answer),
            Fault::Unreadable(problem) => self.unreadable(&problem, answer),
        })?;
        let output = self.with_application(self.call.from_api(&output), parameters);
        let mut members: Vec<_> = output.as_object().into_iter().flat_map(Object::iter).collect();
        if self.target.service.name == "eventbridge" {
            return match output.get("FailedEntryCount").and_then(Value::as_i64) {
                // Recorded: one entry that failed fails the task, whatever became of the others.
                Some(1..) => Err(Failure::reported(format!("{}.FailedEntry", self.prefix), output.to_compact_text())),
                _ => Ok(output),
            };
        }
        if self.is_model() {
            // Documented: the body is JSON that paths lead into. That there is no metadata is a guess.
            let body = output.get("Body").and_then(Value::as_str).and_then(|body| Value::parse(body).ok());
            return Ok(match (&output, body) {
                (Value::Object(members), Some(mut body)) => {
                    body.forget_text();
                    members.with("Body", body)
                }
                _ => output,
            });
        }
        let metadata = sdk::metadata(answer, self.spelling()).map(|(name, value)| (name.into(), value));
        members.extend(metadata.iter().map(|(name, value)| (name, value)));
        members.sort_by_key(|(name, _)| *name);
        Ok(Value::object(members.into_iter().map(|(name, value)| (name.clone(), value.clone()))))
    }

    /// Documented: what EMR Serverless is asked to do with an application has its identifier as result, which the API
    /// doesn't return.
    fn with_application(&self, output: Value, parameters: &Value) -> Value {
        const OPERATIONS: [&str; 3] = ["StartApplication", "StopApplication", "DeleteApplication"];
        let is_it = self.target.service.name == "emrserverless" && OPERATIONS.contains(&self.target.operation.name);
        match (&output, parameters.get("ApplicationId").filter(|_| is_it)) {
            (Value::Object(members), Some(id)) => members.with("ApplicationId", id.clone()),
            _ => output,
        }
    }

    fn unreadable(&self, problem: &Unreadable, answer: &Answer) -> Failure {
        let (status, reason) = (answer.status.as_u16(), answer.status.canonical_reason().unwrap_or_default());
        problem.failure(|problem| {
            let cause =
                format!("Unable to unmarshall response ({problem}). Response Code: {status}, Response Text: {reason}");
            Failure::reported(format!("{}.SdkClientException", self.prefix), cause)
        })
    }

    fn spelling(&self) -> Spelling {
        match (self.target.service.name, self.target.operation.name) {
            ("dynamodb", "GetItem") => Spelling::GetItem,
            ("dynamodb", _) => Spelling::DynamoDb,
            _ => Spelling::Other,
        }
    }

    fn service_failure(&self, error: ServiceError, answer: &Answer) -> Failure {
        if self.is_harness() {
            // An inference: the SDK's first version, whose words the others have, was not made for services as new as this one.
            return Failure::reported(error.name(self.target.service), error.cause(self.target.service));
        }
        // Services that once spoke the query protocol send the codes that their errors had then.
        let query_code = sdk::header(&answer.headers, "x-amzn-query-error")
            .filter(|_| self.target.service.query_compatible)
            .and_then(|header| header.split(';').next().map(str::to_owned));
        let class_of = |code: &Option<String>| code.as_deref().and_then(|code| self.target.service.exception(code));
        let class = class_of(&error.code).or_else(|| class_of(&query_code));
        let name = class.map_or_else(|| format!("{}Exception", self.exception), str::to_owned);
        let code = query_code.or(error.code);
        let cause = sdk::cause(self.client, error.status, error.message, code, error.request_id);
        Failure::reported(format!("{}.{name}", self.prefix), cause)
    }
}

#[cfg(test)]
mod tests;
