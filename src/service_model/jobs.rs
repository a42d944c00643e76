//! Jobs that `.sync` waits for: which operation tells how a job is, what its statuses mean, what of the description is the
//! task's result, and which operation stops it.
//!
//! Recorded: ECS. Documented: which operation is asked (in AWS's policies for roles), which one stops a job (there too), the
//! statuses, and by examples of AWS the results of Athena, Batch, CodeBuild, EKS, EMR, Glue and SageMaker. From workflows
//! that are public: the results of EMR Serverless. A guess: the results of Bedrock, DataBrew, EMR on EKS and MediaConvert.

use super::{Call, optimised_service};
use crate::json::Value;
use smol_str::SmolStr;

/// A job, by the call that starts it.
#[derive(Debug)]
pub struct Job {
    /// The service and the action: `glue`, `startJobRun`.
    pub call: (&'static str, &'static str),
    /// What tells how it is.
    pub look: Action,
    /// Where its description is in the answer; nothing of it for all.
    pub description: Path,
    /// The member under which the description is the result; it is the result itself if empty.
    pub shown_as: &'static str,
    /// What the result has besides: members of what the call has returned or was given.
    pub besides: &'static [Parameter],
    /// Where the description says how the job is.
    pub status: Path,
    /// The statuses of a job that has done its work.
    pub succeeded: &'static [&'static str],
    /// The statuses of one that has not, and never will.
    pub failed: &'static [&'static str],
    /// The statuses on the way to one of these.
    pub goes_on: &'static [&'static str],
    /// The statuses that lead to none of these by themselves: one may be told for a moment after the start, if the service
    /// is slow to tell a new one. What AWS does if it stays isn't known.
    pub stalled: &'static [&'static str],
    /// Whether it has done its work when nothing is left to be described.
    pub gone: bool,
    /// What stops it when nobody waits any more; nothing for what can't be stopped, like a deletion.
    pub stop: Option<Action>,
}

/// An action with its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// `describeTasks`
    pub name: &'static str,
    /// What it is given.
    pub parameters: &'static [Parameter],
}

/// The name of a member, and where its value comes from.
pub type Parameter = (&'static str, Source);

/// Members from one value into the next, with dots between; a number is a place in a list.
pub type Path = &'static str;

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// What the call that started the job has returned.
    Started(Path),
    /// The same, as the only item of a list.
    StartedAlone(Path),
    /// What that call was given.
    Given(Path),
    /// Always this.
    Text(&'static str),
}

use Source::{Given, Started, StartedAlone, Text};

const fn action(name: &'static str, parameters: &'static [Parameter]) -> Action {
    Action { name, parameters }
}

/// What most jobs have in common.
const fn job(service: &'static str, start: &'static str, look: Action, status: Path) -> Job {
    Job {
        call: (service, start),
        look,
        description: "",
        shown_as: "",
        besides: &[],
        status,
        succeeded: &["SUCCEEDED"],
        failed: &["FAILED"],
        goes_on: &[],
        stalled: &[],
        gone: false,
        stop: None,
    }
}

/// Why a job of Batch is stopped, which the API wants to be told; AWS's words aren't known.
const REASON: &str = "The AWS Step Functions task was aborted";

const SAGEMAKER_SUCCEEDED: &[&str] = &["Completed"];
const SAGEMAKER_FAILED: &[&str] = &["Failed", "Stopped"];
const SAGEMAKER_GOES_ON: &[&str] = &["InProgress", "Stopping"];
const BUILD_FAILED: &[&str] = &["FAILED", "FAULT", "TIMED_OUT", "STOPPED"];
const BUILD_GOES_ON: &[&str] = &["IN_PROGRESS"];

const APPLICATION: &[Parameter] = &[("ApplicationId", Given("ApplicationId"))];
const CREATED_APPLICATION: &[Parameter] = &[("ApplicationId", Started("ApplicationId"))];
const JOB_RUN: &[Parameter] = &[("ApplicationId", Given("ApplicationId")), ("JobRunId", Started("JobRunId"))];
const CANCELLED_JOB_RUN: &[Parameter] = &[("ApplicationId", Given("ApplicationId")), ("JobRunId", Given("JobRunId"))];
const CLUSTER: &[Parameter] = &[("Name", Given("Name"))];
const NODEGROUP: &[Parameter] = &[("ClusterName", Given("ClusterName")), ("NodegroupName", Given("NodegroupName"))];
const FARGATE_PROFILE: &[Parameter] =
    &[("ClusterName", Given("ClusterName")), ("FargateProfileName", Given("FargateProfileName"))];

/// All jobs but the executions of Step Functions, which are waited for in this process.
pub const JOBS: &[Job] = &[
    Job {
        description: "Tasks.0",
        // A task that has stopped did its work if its containers did. Documented: the statuses.
        succeeded: &["STOPPED", "DELETED"],
        failed: &[],
        goes_on: &["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"],
        stop: Some(action("stopTask", &[("Cluster", Given("Cluster")), ("Task", Started("Tasks.0.TaskArn"))])),
        ..job(
            "ecs",
            "runTask",
            action("describeTasks", &[("Cluster", Given("Cluster")), ("Tasks", StartedAlone("Tasks.0.TaskArn"))]),
            "LastStatus",
        )
    },
    Job {
        description: "Jobs.0",
        goes_on: &["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"],
        stop: Some(action("terminateJob", &[("JobId", Started("JobId")), ("Reason", Text(REASON))])),
        ..job("batch", "submitJob", action("describeJobs", &[("Jobs", StartedAlone("JobId"))]), "Status")
    },
    Job {
        description: "JobRun",
        failed: &["FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"],
        goes_on: &["STARTING", "RUNNING", "STOPPING", "WAITING"],
        stop: Some(action(
            "batchStopJobRun",
            &[("JobName", Given("JobName")), ("JobRunIds", StartedAlone("JobRunId"))],
        )),
        ..job(
            "glue",
            "startJobRun",
            action("getJobRun", &[("JobName", Given("JobName")), ("RunId", Started("JobRunId"))]),
            "JobRunState",
        )
    },
    Job {
        failed: &["FAILED", "STOPPED", "TIMEOUT"],
        goes_on: &["STARTING", "RUNNING", "STOPPING"],
        stop: Some(action("stopJobRun", &[("Name", Given("Name")), ("RunId", Started("RunId"))])),
        ..job(
            "databrew",
            "startJobRun",
            action("describeJobRun", &[("Name", Given("Name")), ("RunId", Started("RunId"))]),
            "State",
        )
    },
    Job {
        failed: &["FAILED", "CANCELLED"],
        goes_on: &["QUEUED", "RUNNING"],
        stop: Some(action("stopQueryExecution", &[("QueryExecutionId", Started("QueryExecutionId"))])),
        ..job(
            "athena",
            "startQueryExecution",
            action("getQueryExecution", &[("QueryExecutionId", Started("QueryExecutionId"))]),
            "QueryExecution.Status.State",
        )
    },
    Job {
        description: "Builds.0",
        shown_as: "Build",
        failed: BUILD_FAILED,
        goes_on: BUILD_GOES_ON,
        stop: Some(action("stopBuild", &[("Id", Started("Build.Id"))])),
        ..job("codebuild", "startBuild", action("batchGetBuilds", &[("Ids", StartedAlone("Build.Id"))]), "BuildStatus")
    },
    Job { call: ("codebuild", "startBuildBatch"), ..BUILD_BATCH },
    Job { call: ("codebuild", "retryBuildBatch"), ..BUILD_BATCH },
    Job {
        succeeded: SAGEMAKER_SUCCEEDED,
        failed: SAGEMAKER_FAILED,
        goes_on: &["InProgress", "Stopping", "Deleting"],
        stop: Some(action("stopTrainingJob", &[("TrainingJobName", Given("TrainingJobName"))])),
        ..job(
            "sagemaker",
            "createTrainingJob",
            action("describeTrainingJob", &[("TrainingJobName", Given("TrainingJobName"))]),
            "TrainingJobStatus",
        )
    },
    Job {
        succeeded: SAGEMAKER_SUCCEEDED,
        failed: SAGEMAKER_FAILED,
        goes_on: SAGEMAKER_GOES_ON,
        stop: Some(action("stopTransformJob", &[("TransformJobName", Given("TransformJobName"))])),
        ..job(
            "sagemaker",
            "createTransformJob",
            action("describeTransformJob", &[("TransformJobName", Given("TransformJobName"))]),
            "TransformJobStatus",
        )
    },
    Job {
        succeeded: SAGEMAKER_SUCCEEDED,
        failed: &["Failed", "Stopped", "DeleteFailed"],
        goes_on: &["InProgress", "Stopping", "Deleting"],
        stop: Some(action(
            "stopHyperParameterTuningJob",
            &[("HyperParameterTuningJobName", Given("HyperParameterTuningJobName"))],
        )),
        ..job(
            "sagemaker",
            "createHyperParameterTuningJob",
            action(
                "describeHyperParameterTuningJob",
                &[("HyperParameterTuningJobName", Given("HyperParameterTuningJobName"))],
            ),
            "HyperParameterTuningJobStatus",
        )
    },
    Job {
        succeeded: SAGEMAKER_SUCCEEDED,
        failed: SAGEMAKER_FAILED,
        goes_on: &["Initializing", "InProgress", "Stopping"],
        stop: Some(action("stopLabelingJob", &[("LabelingJobName", Given("LabelingJobName"))])),
        ..job(
            "sagemaker",
            "createLabelingJob",
            action("describeLabelingJob", &[("LabelingJobName", Given("LabelingJobName"))]),
            "LabelingJobStatus",
        )
    },
    Job {
        succeeded: SAGEMAKER_SUCCEEDED,
        failed: SAGEMAKER_FAILED,
        goes_on: SAGEMAKER_GOES_ON,
        stop: Some(action("stopProcessingJob", &[("ProcessingJobName", Given("ProcessingJobName"))])),
        ..job(
            "sagemaker",
            "createProcessingJob",
            action("describeProcessingJob", &[("ProcessingJobName", Given("ProcessingJobName"))]),
            "ProcessingJobStatus",
        )
    },
    // Documented: a cluster is waited for until it waits itself. That AWS terminates one that is still being made is what
    // its policy for the role says.
    Job {
        besides: &[("ClusterId", Started("ClusterId"))],
        succeeded: &["WAITING"],
        failed: &["TERMINATED", "TERMINATED_WITH_ERRORS"],
        goes_on: &["STARTING", "BOOTSTRAPPING", "RUNNING", "TERMINATING"],
        stop: Some(action("terminateJobFlows", &[("JobFlowIds", StartedAlone("ClusterId"))])),
        ..job(
            "elasticmapreduce",
            "createCluster",
            action("describeCluster", &[("ClusterId", Started("ClusterId"))]),
            "Cluster.Status.State",
        )
    },
    Job {
        besides: &[("ClusterId", Given("ClusterId"))],
        succeeded: &["TERMINATED"],
        failed: &["TERMINATED_WITH_ERRORS"],
        goes_on: &["TERMINATING"],
        stalled: &["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"],
        ..job(
            "elasticmapreduce",
            "terminateCluster",
            action("describeCluster", &[("ClusterId", Given("ClusterId"))]),
            "Cluster.Status.State",
        )
    },
    Job {
        succeeded: &["COMPLETED"],
        failed: &["CANCELLED", "FAILED", "INTERRUPTED"],
        goes_on: &["PENDING", "CANCEL_PENDING", "RUNNING"],
        stop: Some(action("cancelSteps", &[("ClusterId", Given("ClusterId")), ("StepIds", StartedAlone("StepId"))])),
        ..job(
            "elasticmapreduce",
            "addStep",
            action("describeStep", &[("ClusterId", Given("ClusterId")), ("StepId", Started("StepId"))]),
            "Step.Status.State",
        )
    },
    Job {
        description: "VirtualCluster",
        succeeded: &["TERMINATED"],
        failed: &["ARRESTED"],
        goes_on: &["TERMINATING"],
        stalled: &["RUNNING"],
        gone: true,
        ..job(
            "emr-containers",
            "deleteVirtualCluster",
            action("describeVirtualCluster", &[("Id", Given("Id"))]),
            "State",
        )
    },
    Job {
        description: "JobRun",
        succeeded: &["COMPLETED"],
        failed: &["FAILED", "CANCELLED"],
        goes_on: &["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING"],
        stop: Some(action("cancelJobRun", &[("Id", Started("Id")), ("VirtualClusterId", Given("VirtualClusterId"))])),
        ..job(
            "emr-containers",
            "startJobRun",
            action("describeJobRun", &[("Id", Started("Id")), ("VirtualClusterId", Given("VirtualClusterId"))]),
            "State",
        )
    },
    // Documented: an application is waited for until it is CREATED, STARTED, STOPPED or TERMINATED. That one which is seen
    // when it has gone on from there has come to that is a guess.
    Job {
        description: "Application",
        succeeded: &["CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"],
        failed: &["TERMINATED"],
        goes_on: &["CREATING"],
        stop: Some(action("deleteApplication", CREATED_APPLICATION)),
        ..job("emr-serverless", "createApplication", action("getApplication", CREATED_APPLICATION), "State")
    },
    Job {
        description: "Application",
        succeeded: &["STARTED"],
        failed: &["TERMINATED"],
        goes_on: &["STARTING", "STOPPING"],
        stalled: &["CREATING", "CREATED", "STOPPED"],
        stop: Some(action("stopApplication", APPLICATION)),
        ..job("emr-serverless", "startApplication", action("getApplication", APPLICATION), "State")
    },
    Job {
        description: "Application",
        succeeded: &["STOPPED"],
        failed: &["TERMINATED"],
        goes_on: &["STOPPING"],
        stalled: &["CREATING", "CREATED", "STARTING", "STARTED"],
        ..job("emr-serverless", "stopApplication", action("getApplication", APPLICATION), "State")
    },
    Job {
        description: "Application",
        succeeded: &["TERMINATED"],
        failed: &[],
        stalled: &["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"],
        gone: true,
        ..job("emr-serverless", "deleteApplication", action("getApplication", APPLICATION), "State")
    },
    Job {
        description: "JobRun",
        succeeded: &["SUCCESS"],
        failed: &["FAILED", "CANCELLED"],
        goes_on: &["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"],
        stop: Some(action("cancelJobRun", JOB_RUN)),
        ..job("emr-serverless", "startJobRun", action("getJobRun", JOB_RUN), "State")
    },
    Job {
        description: "JobRun",
        succeeded: &["CANCELLED"],
        failed: &["FAILED", "SUCCESS"],
        goes_on: &["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"],
        ..job("emr-serverless", "cancelJobRun", action("getJobRun", CANCELLED_JOB_RUN), "State")
    },
    // That what is still being made is deleted is, as for EMR, what AWS's policies say; for Fargate profiles it is a guess.
    Job {
        succeeded: &["ACTIVE"],
        goes_on: &["CREATING", "UPDATING", "PENDING", "DELETING"],
        stop: Some(action("deleteCluster", CLUSTER)),
        ..job("eks", "createCluster", action("describeCluster", CLUSTER), "Cluster.Status")
    },
    Job {
        succeeded: &[],
        goes_on: &["DELETING"],
        stalled: &["CREATING", "ACTIVE", "UPDATING", "PENDING"],
        gone: true,
        ..job("eks", "deleteCluster", action("describeCluster", CLUSTER), "Cluster.Status")
    },
    Job {
        succeeded: &["ACTIVE"],
        failed: &["CREATE_FAILED", "DELETE_FAILED"],
        goes_on: &["CREATING", "DELETING"],
        stop: Some(action("deleteFargateProfile", FARGATE_PROFILE)),
        ..job("eks", "createFargateProfile", action("describeFargateProfile", FARGATE_PROFILE), "FargateProfile.Status")
    },
    Job {
        succeeded: &[],
        failed: &["DELETE_FAILED"],
        goes_on: &["DELETING"],
        stalled: &["CREATING", "ACTIVE", "CREATE_FAILED"],
        gone: true,
        ..job("eks", "deleteFargateProfile", action("describeFargateProfile", FARGATE_PROFILE), "FargateProfile.Status")
    },
    Job {
        succeeded: &["ACTIVE"],
        failed: &["CREATE_FAILED", "DELETE_FAILED"],
        goes_on: &["CREATING", "UPDATING", "DELETING"],
        stalled: &["DEGRADED"],
        stop: Some(action("deleteNodegroup", NODEGROUP)),
        ..job("eks", "createNodegroup", action("describeNodegroup", NODEGROUP), "Nodegroup.Status")
    },
    Job {
        succeeded: &[],
        failed: &["DELETE_FAILED"],
        goes_on: &["DELETING"],
        stalled: &["CREATING", "ACTIVE", "UPDATING", "CREATE_FAILED", "DEGRADED"],
        gone: true,
        ..job("eks", "deleteNodegroup", action("describeNodegroup", NODEGROUP), "Nodegroup.Status")
    },
    Job {
        succeeded: &["Completed"],
        failed: &["Failed", "Stopped"],
        goes_on: &["InProgress", "Stopping"],
        stop: Some(action("stopModelCustomizationJob", &[("JobIdentifier", Started("JobArn"))])),
        ..job(
            "bedrock",
            "createModelCustomizationJob",
            action("getModelCustomizationJob", &[("JobIdentifier", Started("JobArn"))]),
            "Status",
        )
    },
    Job {
        succeeded: &["COMPLETE"],
        failed: &["CANCELED", "ERROR"],
        goes_on: &["SUBMITTED", "PROGRESSING"],
        stop: Some(action("cancelJob", &[("Id", Started("Job.Id"))])),
        ..job("mediaconvert", "createJob", action("getJob", &[("Id", Started("Job.Id"))]), "Job.Status")
    },
];

const BUILD_BATCH: Job = Job {
    description: "BuildBatches.0",
    shown_as: "BuildBatch",
    failed: BUILD_FAILED,
    goes_on: BUILD_GOES_ON,
    stop: Some(action("stopBuildBatch", &[("Id", Started("BuildBatch.Id"))])),
    ..job(
        "codebuild",
        "startBuildBatch",
        action("batchGetBuildBatches", &[("Ids", StartedAlone("BuildBatch.Id"))]),
        "BuildBatchStatus",
    )
};

/// The job that this call starts.
pub fn job_of(service: &str, action: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.call == (service, action))
}

/// The operation that tells how the job of this call is.
pub fn polled(service: &str, action: &str) -> Option<Call> {
    let look = match (service, action) {
        ("states", "startExecution") => "describeExecution",
        _ => job_of(service, action)?.look.name,
    };
    let service = optimised_service(service, look)?;
    Some(Call::of(service, service.action(look)?))
}

impl Action {
    /// Its parameters for a job that was started with `given` and has returned `started`; what isn't there is left out.
    pub fn parameters(&self, given: &Value, started: &Value) -> Value {
        let members = self.parameters.iter();
        Value::object(
            members.filter_map(|(name, source)| Some((SmolStr::new_static(name), source.of(given, started)?))),
        )
    }

    /// Whether all is there that it needs of what the start of the job has returned.
    pub fn knows(&self, started: &Value) -> bool {
        let is_known = |source: &Source| match source {
            Started(path) | StartedAlone(path) => follow(started, path).is_some(),
            Given(_) | Text(_) => true,
        };
        self.parameters.iter().all(|(_, source)| is_known(source))
    }
}

impl Source {
    /// Its value for a job that was started with `given` and has returned `started`.
    pub fn of(&self, given: &Value, started: &Value) -> Option<Value> {
        match self {
            Given(path) => follow(given, path).cloned(),
            Started(path) => follow(started, path).cloned(),
            StartedAlone(path) => follow(started, path).map(|value| Value::array([value.clone()])),
            Text(text) => Some((*text).into()),
        }
    }
}

/// What a path leads to; nothing if that is null or not there.
pub fn follow(value: &Value, path: Path) -> Option<&Value> {
    let parts = path.split('.').filter(|part| !part.is_empty());
    let mut found = value;
    for part in parts {
        found = match part.parse::<usize>() {
            Ok(place) => found.as_array()?.get(place)?,
            Err(_) => found.get(part)?,
        };
    }
    (!found.is_null()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_model::{Kind, Service, ShapeId};

    /// The shape that a path leads to.
    fn shape_at(service: &Service, shape: ShapeId, path: Path) -> Option<ShapeId> {
        path.split('.').filter(|part| !part.is_empty()).try_fold(shape, |shape, part| {
            match &service.shape(shape).kind {
                Kind::List { item, .. } => part.parse::<usize>().ok().map(|_| *item),
                _ => {
                    service.members(shape).iter().find(|member| member.public_name() == part).map(|member| member.shape)
                }
            }
        })
    }

    #[test]
    fn what_jobs_are_asked_and_tell_is_in_the_models() {
        for job in JOBS {
            let Call { service, operation: look, .. } = polled(job.call.0, job.call.1).expect("an operation");
            for action in [Some(job.look), job.stop].into_iter().flatten() {
                let operation =
                    service.action(action.name).unwrap_or_else(|| panic!("{:?}: {}", job.call, action.name));
                let members = service.members(operation.input.expect("parameters"));
                for (name, _) in action.parameters {
                    assert!(members.iter().any(|member| member.public_name() == *name), "{}: {name}", action.name);
                }
                for member in members.iter().filter(|member| member.required && !member.idempotency_token) {
                    let given = action.parameters.iter().any(|(name, _)| *name == member.public_name());
                    assert!(given, "{} wants {}", action.name, member.name);
                }
            }
            let description = shape_at(service, look.output.expect("a description"), job.description);
            let status = description.and_then(|description| shape_at(service, description, job.status));
            let Kind::String { values } = &service.shape(status.expect("a status")).kind else {
                panic!("{:?}: the status is no text", job.call);
            };
            let mut decided = [job.succeeded, job.failed, job.goes_on, job.stalled].concat();
            decided.sort_unstable();
            let mut told = values.to_vec();
            told.sort_unstable();
            // ECS has no list of statuses in its model.
            assert!(told.is_empty() || decided == told, "{:?}: {decided:?} are decided, told are {told:?}", job.call);
            assert!(!job.goes_on.is_empty() || !job.stalled.is_empty(), "{:?} can't go on", job.call);
            assert!(job.gone || !job.succeeded.is_empty(), "{:?} never ends", job.call);
        }
    }

    #[test]
    fn parameters_come_from_what_was_given_and_returned() {
        let value = |text: &str| Value::parse(text).expect("valid JSON");
        for (service, start, given, started, look, stop) in [
            (
                "ecs",
                "runTask",
                r#"{"Cluster":"c","TaskDefinition":"d"}"#,
                r#"{"Failures":[],"Tasks":[{"TaskArn":"a"}]}"#,
                r#"{"Cluster":"c","Tasks":["a"]}"#,
                r#"{"Cluster":"c","Task":"a"}"#,
            ),
            (
                "ecs",
                "runTask",
                r#"{"TaskDefinition":"d"}"#,
                r#"{"Tasks":[{"TaskArn":"a"}]}"#,
                r#"{"Tasks":["a"]}"#,
                r#"{"Task":"a"}"#,
            ),
            (
                "glue",
                "startJobRun",
                r#"{"JobName":"j"}"#,
                r#"{"JobRunId":"r"}"#,
                r#"{"JobName":"j","RunId":"r"}"#,
                r#"{"JobName":"j","JobRunIds":["r"]}"#,
            ),
        ] {
            let job = job_of(service, start).expect("a job");
            let parameters = |action: &Action| action.parameters(&value(given), &value(started)).to_text();
            assert_eq!(parameters(&job.look), look);
            assert_eq!(job.stop.as_ref().map(parameters).as_deref(), Some(stop));
        }
    }
}
