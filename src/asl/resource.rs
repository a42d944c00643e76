//! What a Task's `Resource` names: resources that AWS knows, and what nobody knows.

use super::diagnostic::Problem;
use super::program::Resource;
use crate::arn::Arn;
use crate::service_model::{self, Call};
use smol_str::SmolStr;

/// The members that `lambda:invoke` takes.
pub const LAMBDA_INVOKE_MEMBERS: [&str; 6] =
    ["FunctionName", "Payload", "InvocationType", "Qualifier", "ClientContext", "LogType"];

/// The members that `apigateway:invoke` takes.
pub const API_GATEWAY_INVOKE_MEMBERS: [&str; 9] = [
    "ApiEndpoint",
    "Method",
    "Headers",
    "Stage",
    "Path",
    "QueryParameters",
    "RequestBody",
    "AllowNullValues",
    "AuthType",
];

/// The members that `eks:call` takes; it must have the first five.
pub const EKS_CALL_MEMBERS: [&str; 7] =
    ["ClusterName", "CertificateAuthority", "Endpoint", "Method", "Path", "QueryParameters", "RequestBody"];

/// The members that `eks:runJob` takes; it must have the first four.
pub const EKS_RUN_JOB_MEMBERS: [&str; 6] =
    ["ClusterName", "CertificateAuthority", "Endpoint", "Job", "Namespace", "LogOptions"];

/// How long a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// for the response
    RequestResponse,
    /// `.sync`: until the job has ended
    Sync,
    /// `.sync:2`: the same, and texts of JSON in the result are read
    Sync2,
    /// `.waitForTaskToken`: until someone returns the token
    TaskToken,
}

impl Pattern {
    /// As at the end of a resource's ARN.
    pub fn suffix(self) -> &'static str {
        match self {
            Pattern::RequestResponse => "",
            Pattern::Sync => ".sync",
            Pattern::Sync2 => ".sync:2",
            Pattern::TaskToken => ".waitForTaskToken",
        }
    }

    fn from_suffix(suffix: Option<&str>) -> Option<Pattern> {
        match suffix {
            None => Some(Pattern::RequestResponse),
            Some("sync") => Some(Pattern::Sync),
            Some("sync:2") => Some(Pattern::Sync2),
            Some("waitForTaskToken") => Some(Pattern::TaskToken),
            Some(_) => None,
        }
    }

    /// Whether it waits for more than the response.
    pub fn waits(self) -> bool {
        self != Pattern::RequestResponse
    }
}

/// A call of a service: `arn:aws:states:::<service>:<action><pattern>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// `lambda`, `aws-sdk:s3`
    pub service: SmolStr,
    /// `invoke`, `getObject`
    pub action: SmolStr,
    /// What is waited for.
    pub pattern: Pattern,
}

impl Integration {
    /// The service among those that any action of can be called: `s3` of `aws-sdk:s3`.
    pub fn aws_sdk(&self) -> Option<&str> {
        self.service.strip_prefix(AWS_SDK)
    }

    /// How long a task with it takes at most, in seconds, whatever its TimeoutSeconds. Source: AWS's page "Invoke Amazon Bedrock
    /// AgentCore harness with Step Functions".
    pub fn most_seconds(&self) -> Option<u64> {
        (self.service == "bedrockagentcore").then_some(900)
    }

    /// What it calls; nothing for calls of endpoints of the user's own.
    pub fn call(&self) -> Option<Call> {
        match self.aws_sdk() {
            Some(service) => {
                let service = service_model::find(service)?;
                Some(Call::of(service, service.action(&self.action)?))
            }
            None => service_model::optimised(&self.service, &self.action),
        }
    }
}

const AWS_SDK: &str = "aws-sdk:";

/// A resource that AWS accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What to call.
    pub resource: Resource,
    /// How long to wait.
    pub pattern: Pattern,
}

/// An optimised service.
struct Optimised {
    service: &'static str,
    actions: &'static [&'static str],
    /// The actions that take `.sync`.
    sync: &'static [&'static str],
    /// Whether the actions take `.waitForTaskToken`.
    task_token: bool,
}

const fn optimised(
    service: &'static str,
    actions: &'static [&'static str],
    sync: &'static [&'static str],
    task_token: bool,
) -> Optimised {
    Optimised { service, actions, sync, task_token }
}

const OPTIMISED: &[Optimised] = &[
    optimised("lambda", &["invoke"], &[], true),
    optimised("dynamodb", &["getItem", "putItem", "updateItem", "deleteItem"], &[], false),
    optimised("sqs", &["sendMessage"], &[], true),
    optimised("sns", &["publish"], &[], true),
    optimised("events", &["putEvents"], &[], true),
    optimised("states", &["startExecution"], &["startExecution"], true),
    optimised("ecs", &["runTask"], &["runTask"], true),
    optimised("apigateway", &["invoke"], &[], true),
    optimised("http", &["invoke"], &[], false),
    optimised("batch", &["submitJob"], &["submitJob"], false),
    optimised("glue", &["startJobRun"], &["startJobRun"], false),
    optimised("databrew", &["startJobRun"], &["startJobRun"], false),
    optimised(
        "athena",
        &["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"],
        &["startQueryExecution"],
        false,
    ),
    optimised(
        "codebuild",
        &[
            "startBuild",
            "stopBuild",
            "batchDeleteBuilds",
            "batchGetReports",
            "startBuildBatch",
            "stopBuildBatch",
            "retryBuildBatch",
            "deleteBuildBatch",
        ],
        &["startBuild", "startBuildBatch", "retryBuildBatch"],
        false,
    ),
    optimised(
        "sagemaker",
        &[
            "createTrainingJob",
            "createTransformJob",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createProcessingJob",
            "createModel",
            "createEndpoint",
            "createEndpointConfig",
            "updateEndpoint",
        ],
        &[
            "createTrainingJob",
            "createTransformJob",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createProcessingJob",
        ],
        false,
    ),
    optimised(
        "elasticmapreduce",
        &[
            "createCluster",
            "terminateCluster",
            "addStep",
            "cancelStep",
            "setClusterTerminationProtection",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
        &["createCluster", "terminateCluster", "addStep"],
        false,
    ),
    optimised(
        "emr-containers",
        &["createVirtualCluster", "deleteVirtualCluster", "startJobRun"],
        &["deleteVirtualCluster", "startJobRun"],
        false,
    ),
    optimised(
        "emr-serverless",
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
        false,
    ),
    optimised(
        "eks",
        &[
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
            "runJob",
            "call",
        ],
        &[
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
            "runJob",
        ],
        true,
    ),
    optimised("bedrock", &["invokeModel", "createModelCustomizationJob"], &["createModelCustomizationJob"], true),
    optimised("bedrockagentcore", &["invokeHarness"], &[], false),
    optimised("mediaconvert", &["createJob"], &["createJob"], false),
];

/// Whether a header can't be given to `apigateway:invoke`: those of AWS's developer guide, and the length of the body,
/// which the transport writes.
pub fn is_reserved_header(name: &str) -> bool {
    const NAMES: [&str; 15] = [
        "authorization",
        "connection",
        "content-md5",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "transfer-encoding",
        "trailer",
        "upgrade",
        "via",
        "www-authenticate",
        "content-length",
    ];
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || ["x-forwarded", "x-amz"].iter().any(|prefix| name.starts_with(prefix))
}

/// What a `Resource` names, or why it can't be one.
pub(super) fn recognize(text: &SmolStr) -> Result<Known, Problem> {
    let Some(arn) = Arn::parse(text) else {
        return Err(Problem::NotAnArn);
    };
    let known = match (arn.service, arn.region, arn.account) {
        ("states", "", "") => integrated(arn.resource),
        ("states", _, _) => named(arn.resource, "activity:").map(|()| Resource::Activity(text.clone())).map(callable),
        ("lambda", _, _) => {
            named(arn.resource, "function:").map(|()| Resource::LambdaFunction(text.clone())).map(callable)
        }
        _ => None,
    };
    known.ok_or_else(|| Problem::ResourceNotRecognized(text.clone()))
}

fn named(resource: &str, prefix: &str) -> Option<()> {
    resource.strip_prefix(prefix).filter(|name| !name.is_empty()).map(|_| ())
}

fn callable(resource: Resource) -> Known {
    Known { resource, pattern: Pattern::RequestResponse }
}

/// `lambda:invoke.waitForTaskToken`, `aws-sdk:s3:getObject`
fn integrated(resource: &str) -> Option<Known> {
    let (call, suffix) = match resource.split_once('.') {
        Some((call, suffix)) => (call, Some(suffix)),
        None => (resource, None),
    };
    let pattern = Pattern::from_suffix(suffix)?;
    let (service, action) = call.rsplit_once(':')?;
    let integration = || Integration { service: service.into(), action: action.into(), pattern };
    if let Some(sdk) = service.strip_prefix(AWS_SDK) {
        service_model::find(sdk)?.action(action).filter(|operation| operation.refused.is_none())?;
        let may_wait = matches!(pattern, Pattern::RequestResponse | Pattern::TaskToken);
        return may_wait.then(|| Known { resource: Resource::Integration(integration()), pattern });
    }
    let optimised = OPTIMISED.iter().find(|optimised| optimised.service == service)?;
    let has_pattern = match pattern {
        Pattern::RequestResponse => true,
        Pattern::Sync => optimised.sync.contains(&action),
        Pattern::Sync2 => service == "states",
        Pattern::TaskToken => optimised.task_token,
    };
    if !optimised.actions.contains(&action) || !has_pattern {
        return None;
    }
    Some(Known { resource: Resource::Integration(integration()), pattern })
}
