//! What a Task's `Resource` names: resources that can be called, those that AWS knows but Stepwell doesn't yet, and
//! what nobody knows.

use super::diagnostic::Problem;
use super::program::Resource;
use crate::arn::Arn;
use smol_str::SmolStr;

/// The members that `lambda:invoke` takes.
pub const LAMBDA_INVOKE_MEMBERS: [&str; 6] =
    ["FunctionName", "Payload", "InvocationType", "Qualifier", "ClientContext", "LogType"];

/// How long a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// for the response
    RequestResponse,
    /// `.sync`, `.sync:2`: until the job has ended
    Sync,
    /// `.waitForTaskToken`: until someone returns the token
    TaskToken,
}

/// A resource that AWS accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What to call; nothing if it can't be called yet.
    pub resource: Option<Resource>,
    /// How long to wait.
    pub pattern: Pattern,
}

/// An optimised service.
struct Integration {
    service: &'static str,
    actions: &'static [&'static str],
    /// The actions that take `.sync`.
    sync: &'static [&'static str],
    /// Whether the actions take `.waitForTaskToken`.
    task_token: bool,
}

const fn integration(
    service: &'static str,
    actions: &'static [&'static str],
    sync: &'static [&'static str],
    task_token: bool,
) -> Integration {
    Integration { service, actions, sync, task_token }
}

const INTEGRATIONS: &[Integration] = &[
    integration("lambda", &["invoke"], &[], true),
    integration("dynamodb", &["getItem", "putItem", "updateItem", "deleteItem"], &[], false),
    integration("sqs", &["sendMessage"], &[], true),
    integration("sns", &["publish"], &[], true),
    integration("events", &["putEvents"], &[], true),
    integration("states", &["startExecution"], &["startExecution"], true),
    integration("ecs", &["runTask"], &["runTask"], true),
    integration("apigateway", &["invoke"], &[], true),
    integration("http", &["invoke"], &[], false),
    integration("batch", &["submitJob"], &["submitJob"], false),
    integration("glue", &["startJobRun"], &["startJobRun"], false),
    integration("databrew", &["startJobRun"], &["startJobRun"], false),
    integration(
        "athena",
        &["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"],
        &["startQueryExecution"],
        false,
    ),
    integration(
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
    integration(
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
    integration(
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
    integration(
        "emr-containers",
        &["createVirtualCluster", "deleteVirtualCluster", "startJobRun"],
        &["deleteVirtualCluster", "startJobRun"],
        false,
    ),
    integration(
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
    integration(
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
    integration("bedrock", &["invokeModel", "createModelCustomizationJob"], &["createModelCustomizationJob"], true),
    integration("mediaconvert", &["createJob"], &["createJob"], false),
];

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
    Known { resource: Some(resource), pattern: Pattern::RequestResponse }
}

/// `lambda:invoke.waitForTaskToken`, `aws-sdk:s3:getObject`
fn integrated(resource: &str) -> Option<Known> {
    let (call, suffix) = match resource.split_once('.') {
        Some((call, suffix)) => (call, Some(suffix)),
        None => (resource, None),
    };
    let (service, action) = call.split_once(':')?;
    if service == "aws-sdk" {
        let (service, action) = action.split_once(':')?;
        let pattern = match suffix {
            None => Pattern::RequestResponse,
            Some("waitForTaskToken") => Pattern::TaskToken,
            Some(_) => return None,
        };
        let words = [service, action].iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric()));
        return words.then_some(Known { resource: None, pattern });
    }
    let integration = INTEGRATIONS.iter().find(|integration| integration.service == service)?;
    if !integration.actions.contains(&action) {
        return None;
    }
    let pattern = match suffix {
        None => Pattern::RequestResponse,
        Some("sync") if integration.sync.contains(&action) => Pattern::Sync,
        Some("sync:2") if service == "states" => Pattern::Sync,
        Some("waitForTaskToken") if integration.task_token => Pattern::TaskToken,
        Some(_) => return None,
    };
    let resource =
        (service == "lambda").then_some(Resource::LambdaInvoke { wait_for_task_token: pattern == Pattern::TaskToken });
    Some(Known { resource, pattern })
}
