//! Optimised integrations that call one operation of a service's API: `arn:aws:states:::<service>:<action>`.
//!
//! Requests and results are those of `aws-sdk`; errors are in the words of AWS's SDK for Java, version 1, and most
//! results have its metadata.

use super::aws_sdk::{AwsSdk, Fault, NotSent, ServiceError, Target, decode};
use super::http::{Answer, Problem};
use super::sdk::{self, Spelling};
use crate::arn::Namespace;
use crate::config::Endpoint;
use crate::failure::Failure;
use crate::json::{Object, Value};

/// An operation, and how the SDK speaks of its service.
pub(super) struct Optimised {
    /// What is called.
    pub target: Target,
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
    ("mediaconvert", "MediaConvert", "AWSMediaConvert", "AWSMediaConvert"),
];

impl Optimised {
    /// The integration with this service and action.
    pub fn find(service: &str, action: &str) -> Option<Optimised> {
        let (_, prefix, client, exception) = SERVICES.iter().copied().find(|(name, ..)| *name == service)?;
        Some(Optimised { target: Target::optimised(service, action)?, prefix, client, exception })
    }

    /// Makes the call and waits for its result. Dropping the future gives the call up.
    pub async fn call(
        &self,
        sdk: &AwsSdk,
        namespace: &Namespace,
        endpoint: &Endpoint,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        if self.target.service.name == "sqs" {
            self.look_up_queue(parameters).await?;
        }
        match sdk.send(namespace, endpoint, &self.target, &self.with_media_types(parameters)).await {
            Ok(answer) => self.result(&answer),
            Err(NotSent::Unusable(failure)) => Err(failure),
            Err(NotSent::Transport(Problem::TooLarge)) => {
                Err(Failure::DataLimitExceeded { subject: self.target.service.name.into() })
            }
            Err(NotSent::Transport(problem)) => Err(self.client_failure(&problem)),
        }
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
        let cause = format!("Unable to execute HTTP request: {problem}");
        Failure::reported(format!("{}.SdkClientException", self.prefix), cause)
    }

    /// What an answer means.
    fn result(&self, answer: &Answer) -> Result<Value, Failure> {
        let output = decode(&self.target, answer.response()).map_err(|fault| match fault {
            Fault::Service(error) => self.service_failure(error, answer),
            Fault::Unreadable(problem) => {
                let (status, reason) = (answer.status.as_u16(), answer.status.canonical_reason().unwrap_or_default());
                Failure::reported(
                    format!("{}.SdkClientException", self.prefix),
                    format!(
                        "Unable to unmarshall response ({problem}). Response Code: {status}, Response Text: {reason}"
                    ),
                )
            }
        })?;
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

    fn spelling(&self) -> Spelling {
        match (self.target.service.name, self.target.operation.name) {
            ("dynamodb", "GetItem") => Spelling::GetItem,
            ("dynamodb", _) => Spelling::DynamoDb,
            _ => Spelling::Other,
        }
    }

    fn service_failure(&self, error: ServiceError, answer: &Answer) -> Failure {
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
