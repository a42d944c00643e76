//! The jobs of each service: what it is asked, what a job's description makes of the task.

use super::stub::{Answer, Stub};
use super::{ok, start, start_definition};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;

/// A job: the call with its parameters, what the service answers to that, and how it is asked.
struct Job {
    call: &'static str,
    parameters: &'static str,
    started: &'static str,
    look: &'static str,
    /// A description with `STATUS` in it, and what the task has of it.
    description: &'static str,
    result: &'static str,
    /// Two statuses: of a job that goes on or, behind it, none if it never fails, of one that has failed.
    succeeded: &'static str,
    failed: &'static str,
    /// How it is stopped; not at all if empty.
    stop: &'static str,
}

const JOBS: &[Job] = &[
    Job {
        call: "ecs:runTask.sync",
        parameters: r#"{"Cluster":"c","TaskDefinition":"d"}"#,
        started: r#"{"failures":[],"tasks":[{"taskArn":"a","lastStatus":"PROVISIONING"}]}"#,
        look: r#"DescribeTasks {"cluster":"c","tasks":["a"]}"#,
        description: r#"{"failures":[],"tasks":[{"taskArn":"a","lastStatus":"STOPPED","createdAt":1.5,"containers":[{"name":"x","exitCode":0},{"name":"y","exitCode":STATUS}]}]}"#,
        result: r#"{"Containers":[{"ExitCode":0,"Name":"x"},{"ExitCode":STATUS,"Name":"y"}],"CreatedAt":1500,"LastStatus":"STOPPED","TaskArn":"a"}"#,
        succeeded: "0",
        failed: "137",
        stop: r#"StopTask {"cluster":"c","task":"a"}"#,
    },
    Job {
        call: "batch:submitJob.sync",
        parameters: r#"{"JobName":"n","JobQueue":"q","JobDefinition":"d"}"#,
        started: r#"{"jobName":"n","jobId":"i"}"#,
        look: r#"POST /v1/describejobs {"jobs":["i"]}"#,
        description: r#"{"jobs":[{"jobId":"i","status":"STATUS","createdAt":7,"container":{"exitCode":0}}]}"#,
        result: r#"{"Container":{"ExitCode":0},"CreatedAt":7,"JobId":"i","Status":"STATUS"}"#,
        succeeded: "SUCCEEDED",
        failed: "FAILED",
        stop: r#"POST /v1/terminatejob {"jobId":"i","reason":"The AWS Step Functions task was aborted"}"#,
    },
    Job {
        call: "databrew:startJobRun.sync",
        parameters: r#"{"Name":"n"}"#,
        started: r#"{"RunId":"r"}"#,
        look: "GET /jobs/n/jobRun/r",
        description: r#"{"JobName":"n","RunId":"r","State":"STATUS"}"#,
        result: r#"{"JobName":"n","RunId":"r","State":"STATUS"}"#,
        succeeded: "SUCCEEDED",
        failed: "STOPPED",
        stop: "POST /jobs/n/jobRun/r/stopJobRun",
    },
    Job {
        call: "athena:startQueryExecution.sync",
        parameters: r#"{"QueryString":"SELECT 1"}"#,
        started: r#"{"QueryExecutionId":"i"}"#,
        look: r#"GetQueryExecution {"QueryExecutionId":"i"}"#,
        description: r#"{"QueryExecution":{"QueryExecutionId":"i","Status":{"State":"STATUS"}}}"#,
        result: r#"{"QueryExecution":{"QueryExecutionId":"i","Status":{"State":"STATUS"}}}"#,
        succeeded: "SUCCEEDED",
        failed: "CANCELLED",
        stop: r#"StopQueryExecution {"QueryExecutionId":"i"}"#,
    },
    Job {
        call: "codebuild:startBuild.sync",
        parameters: r#"{"ProjectName":"p"}"#,
        started: r#"{"build":{"id":"i","buildStatus":"IN_PROGRESS"}}"#,
        look: r#"BatchGetBuilds {"ids":["i"]}"#,
        description: r#"{"builds":[{"id":"i","buildStatus":"STATUS"}]}"#,
        result: r#"{"Build":{"BuildStatus":"STATUS","Id":"i"}}"#,
        succeeded: "SUCCEEDED",
        failed: "FAULT",
        stop: r#"StopBuild {"id":"i"}"#,
    },
    Job {
        call: "codebuild:startBuildBatch.sync",
        parameters: r#"{"ProjectName":"p"}"#,
        started: r#"{"buildBatch":{"id":"i"}}"#,
        look: r#"BatchGetBuildBatches {"ids":["i"]}"#,
        description: r#"{"buildBatches":[{"id":"i","buildBatchStatus":"STATUS"}]}"#,
        result: r#"{"BuildBatch":{"BuildBatchStatus":"STATUS","Id":"i"}}"#,
        succeeded: "SUCCEEDED",
        failed: "FAILED",
        stop: r#"StopBuildBatch {"id":"i"}"#,
    },
    Job {
        call: "codebuild:retryBuildBatch.sync",
        parameters: r#"{"Id":"i"}"#,
        started: r#"{"buildBatch":{"id":"i"}}"#,
        look: r#"BatchGetBuildBatches {"ids":["i"]}"#,
        description: r#"{"buildBatches":[{"id":"i","buildBatchStatus":"STATUS"}]}"#,
        result: r#"{"BuildBatch":{"BuildBatchStatus":"STATUS","Id":"i"}}"#,
        succeeded: "SUCCEEDED",
        failed: "TIMED_OUT",
        stop: r#"StopBuildBatch {"id":"i"}"#,
    },
    Job {
        call: "sagemaker:createTrainingJob.sync",
        parameters: r#"{"TrainingJobName":"n","RoleArn":"r","OutputDataConfig":{"S3OutputPath":"p"}}"#,
        started: r#"{"TrainingJobArn":"a"}"#,
        look: r#"DescribeTrainingJob {"TrainingJobName":"n"}"#,
        description: r#"{"TrainingJobName":"n","TrainingJobStatus":"STATUS","CreationTime":1}"#,
        result: r#"{"CreationTime":1000,"TrainingJobName":"n","TrainingJobStatus":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Failed",
        stop: r#"StopTrainingJob {"TrainingJobName":"n"}"#,
    },
    Job {
        call: "sagemaker:createTransformJob.sync",
        parameters: r#"{"TransformJobName":"n","ModelName":"m","TransformInput":{},"TransformOutput":{},"TransformResources":{}}"#,
        started: r#"{"TransformJobArn":"a"}"#,
        look: r#"DescribeTransformJob {"TransformJobName":"n"}"#,
        description: r#"{"TransformJobName":"n","TransformJobStatus":"STATUS"}"#,
        result: r#"{"TransformJobName":"n","TransformJobStatus":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Stopped",
        stop: r#"StopTransformJob {"TransformJobName":"n"}"#,
    },
    Job {
        call: "sagemaker:createHyperParameterTuningJob.sync",
        parameters: r#"{"HyperParameterTuningJobName":"n","HyperParameterTuningJobConfig":{}}"#,
        started: r#"{"HyperParameterTuningJobArn":"a"}"#,
        look: r#"DescribeHyperParameterTuningJob {"HyperParameterTuningJobName":"n"}"#,
        description: r#"{"HyperParameterTuningJobName":"n","HyperParameterTuningJobStatus":"STATUS"}"#,
        result: r#"{"HyperParameterTuningJobName":"n","HyperParameterTuningJobStatus":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Failed",
        stop: r#"StopHyperParameterTuningJob {"HyperParameterTuningJobName":"n"}"#,
    },
    Job {
        call: "sagemaker:createLabelingJob.sync",
        parameters: r#"{"LabelingJobName":"n","LabelAttributeName":"l","InputConfig":{},"OutputConfig":{},"RoleArn":"r","HumanTaskConfig":{}}"#,
        started: r#"{"LabelingJobArn":"a"}"#,
        look: r#"DescribeLabelingJob {"LabelingJobName":"n"}"#,
        description: r#"{"LabelingJobName":"n","LabelingJobStatus":"STATUS"}"#,
        result: r#"{"LabelingJobName":"n","LabelingJobStatus":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Failed",
        stop: r#"StopLabelingJob {"LabelingJobName":"n"}"#,
    },
    Job {
        call: "sagemaker:createProcessingJob.sync",
        parameters: r#"{"ProcessingJobName":"n","ProcessingResources":{},"AppSpecification":{},"RoleArn":"r"}"#,
        started: r#"{"ProcessingJobArn":"a"}"#,
        look: r#"DescribeProcessingJob {"ProcessingJobName":"n"}"#,
        description: r#"{"ProcessingJobName":"n","ProcessingJobStatus":"STATUS"}"#,
        result: r#"{"ProcessingJobName":"n","ProcessingJobStatus":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Failed",
        stop: r#"StopProcessingJob {"ProcessingJobName":"n"}"#,
    },
    Job {
        call: "elasticmapreduce:createCluster.sync",
        parameters: r#"{"Name":"n","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#,
        started: r#"{"JobFlowId":"j","ClusterArn":"a"}"#,
        look: r#"DescribeCluster {"ClusterId":"j"}"#,
        description: r#"{"Cluster":{"Id":"j","Status":{"State":"STATUS","Timeline":{"CreationDateTime":1.5}}}}"#,
        result: r#"{"Cluster":{"Id":"j","Status":{"State":"STATUS","Timeline":{"CreationDateTime":1500}}},"ClusterId":"j"}"#,
        succeeded: "WAITING",
        failed: "TERMINATED_WITH_ERRORS",
        stop: r#"TerminateJobFlows {"JobFlowIds":["j"]}"#,
    },
    Job {
        call: "elasticmapreduce:terminateCluster.sync",
        parameters: r#"{"ClusterId":"j"}"#,
        started: "",
        look: r#"DescribeCluster {"ClusterId":"j"}"#,
        description: r#"{"Cluster":{"Id":"j","Status":{"State":"STATUS"}}}"#,
        result: r#"{"Cluster":{"Id":"j","Status":{"State":"STATUS"}},"ClusterId":"j"}"#,
        succeeded: "TERMINATED",
        failed: "TERMINATED_WITH_ERRORS",
        stop: "",
    },
    Job {
        call: "elasticmapreduce:addStep.sync",
        parameters: r#"{"ClusterId":"j","Step":{"Name":"n","HadoopJarStep":{"Jar":"command-runner.jar"}}}"#,
        started: r#"{"StepIds":["s"]}"#,
        look: r#"DescribeStep {"ClusterId":"j","StepId":"s"}"#,
        description: r#"{"Step":{"Id":"s","Status":{"State":"STATUS"}}}"#,
        result: r#"{"Step":{"Id":"s","Status":{"State":"STATUS"}}}"#,
        succeeded: "COMPLETED",
        failed: "INTERRUPTED",
        stop: r#"CancelSteps {"ClusterId":"j","StepIds":["s"]}"#,
    },
    Job {
        call: "emr-containers:startJobRun.sync",
        parameters: r#"{"VirtualClusterId":"v"}"#,
        started: r#"{"id":"i","virtualClusterId":"v"}"#,
        look: "GET /virtualclusters/v/jobruns/i",
        description: r#"{"jobRun":{"id":"i","state":"STATUS","createdAt":"2024-01-31T12:34:56.5Z"}}"#,
        result: r#"{"CreatedAt":1706704496500,"Id":"i","State":"STATUS"}"#,
        succeeded: "COMPLETED",
        failed: "CANCELLED",
        stop: "DELETE /virtualclusters/v/jobruns/i",
    },
    Job {
        call: "emr-containers:deleteVirtualCluster.sync",
        parameters: r#"{"Id":"v"}"#,
        started: r#"{"id":"v"}"#,
        look: "GET /virtualclusters/v",
        description: r#"{"virtualCluster":{"id":"v","state":"STATUS"}}"#,
        result: r#"{"Id":"v","State":"STATUS"}"#,
        succeeded: "TERMINATED",
        failed: "ARRESTED",
        stop: "",
    },
    Job {
        call: "emr-serverless:createApplication.sync",
        parameters: r#"{"ReleaseLabel":"emr-7.6.0","Type":"SPARK","ClientToken":"t"}"#,
        started: r#"{"applicationId":"a"}"#,
        look: "GET /applications/a",
        description: r#"{"application":{"applicationId":"a","state":"STATUS"}}"#,
        result: r#"{"ApplicationId":"a","State":"STATUS"}"#,
        succeeded: "CREATED",
        failed: "TERMINATED",
        stop: "DELETE /applications/a",
    },
    Job {
        call: "emr-serverless:startApplication.sync",
        parameters: r#"{"ApplicationId":"a"}"#,
        started: "{}",
        look: "GET /applications/a",
        description: r#"{"application":{"applicationId":"a","state":"STATUS"}}"#,
        result: r#"{"ApplicationId":"a","State":"STATUS"}"#,
        succeeded: "STARTED",
        failed: "TERMINATED",
        stop: "POST /applications/a/stop",
    },
    Job {
        call: "emr-serverless:stopApplication.sync",
        parameters: r#"{"ApplicationId":"a"}"#,
        started: "{}",
        look: "GET /applications/a",
        description: r#"{"application":{"applicationId":"a","state":"STATUS"}}"#,
        result: r#"{"ApplicationId":"a","State":"STATUS"}"#,
        succeeded: "STOPPED",
        failed: "TERMINATED",
        stop: "",
    },
    Job {
        call: "emr-serverless:deleteApplication.sync",
        parameters: r#"{"ApplicationId":"a"}"#,
        started: "{}",
        look: "GET /applications/a",
        description: r#"{"application":{"applicationId":"a","state":"STATUS"}}"#,
        result: r#"{"ApplicationId":"a","State":"STATUS"}"#,
        succeeded: "TERMINATED",
        failed: "",
        stop: "",
    },
    Job {
        call: "emr-serverless:startJobRun.sync",
        parameters: r#"{"ApplicationId":"a","ExecutionRoleArn":"r","ClientToken":"t"}"#,
        started: r#"{"applicationId":"a","jobRunId":"j"}"#,
        look: "GET /applications/a/jobruns/j",
        description: r#"{"jobRun":{"jobRunId":"j","state":"STATUS"}}"#,
        result: r#"{"JobRunId":"j","State":"STATUS"}"#,
        succeeded: "SUCCESS",
        failed: "FAILED",
        stop: "DELETE /applications/a/jobruns/j",
    },
    Job {
        call: "emr-serverless:cancelJobRun.sync",
        parameters: r#"{"ApplicationId":"a","JobRunId":"j"}"#,
        started: r#"{"applicationId":"a","jobRunId":"j"}"#,
        look: "GET /applications/a/jobruns/j",
        description: r#"{"jobRun":{"jobRunId":"j","state":"STATUS"}}"#,
        result: r#"{"JobRunId":"j","State":"STATUS"}"#,
        succeeded: "CANCELLED",
        failed: "SUCCESS",
        stop: "",
    },
    Job {
        call: "eks:createCluster.sync",
        parameters: r#"{"Name":"c","RoleArn":"r","ResourcesVpcConfig":{}}"#,
        started: r#"{"cluster":{"name":"c","status":"CREATING"}}"#,
        look: "GET /clusters/c",
        description: r#"{"cluster":{"name":"c","status":"STATUS"}}"#,
        result: r#"{"Cluster":{"Name":"c","Status":"STATUS"}}"#,
        succeeded: "ACTIVE",
        failed: "FAILED",
        stop: "DELETE /clusters/c",
    },
    Job {
        call: "eks:createFargateProfile.sync",
        parameters: r#"{"FargateProfileName":"f","ClusterName":"c","PodExecutionRoleArn":"r"}"#,
        started: r#"{"fargateProfile":{"status":"CREATING"}}"#,
        look: "GET /clusters/c/fargate-profiles/f",
        description: r#"{"fargateProfile":{"status":"STATUS"}}"#,
        result: r#"{"FargateProfile":{"Status":"STATUS"}}"#,
        succeeded: "ACTIVE",
        failed: "CREATE_FAILED",
        stop: "DELETE /clusters/c/fargate-profiles/f",
    },
    Job {
        call: "eks:createNodegroup.sync",
        parameters: r#"{"NodegroupName":"g","ClusterName":"c","NodeRole":"r","Subnets":[]}"#,
        started: r#"{"nodegroup":{"status":"CREATING"}}"#,
        look: "GET /clusters/c/node-groups/g",
        description: r#"{"nodegroup":{"status":"STATUS"}}"#,
        result: r#"{"Nodegroup":{"Status":"STATUS"}}"#,
        succeeded: "ACTIVE",
        failed: "CREATE_FAILED",
        stop: "DELETE /clusters/c/node-groups/g",
    },
    Job {
        call: "bedrock:createModelCustomizationJob.sync",
        parameters: r#"{"JobName":"j","CustomModelName":"m","RoleArn":"r","BaseModelIdentifier":"b","TrainingDataConfig":{},"OutputDataConfig":{"S3Uri":"s3://b/"}}"#,
        started: r#"{"jobArn":"a"}"#,
        look: "GET /model-customization-jobs/a",
        description: r#"{"jobArn":"a","status":"STATUS"}"#,
        result: r#"{"JobArn":"a","Status":"STATUS"}"#,
        succeeded: "Completed",
        failed: "Stopped",
        stop: "POST /model-customization-jobs/a/stop",
    },
    Job {
        call: "mediaconvert:createJob.sync",
        parameters: r#"{"Role":"r","Settings":{}}"#,
        started: r#"{"job":{"id":"i","status":"SUBMITTED"}}"#,
        look: "GET /2017-08-29/jobs/i",
        description: r#"{"job":{"id":"i","status":"STATUS"}}"#,
        result: r#"{"Job":{"Id":"i","Status":"STATUS"}}"#,
        succeeded: "COMPLETE",
        failed: "ERROR",
        stop: "DELETE /2017-08-29/jobs/i",
    },
];

fn description(job: &Job, status: &str) -> Answer {
    ok(&job.description.replace("STATUS", status))
}

#[tokio::test]
async fn each_job_succeeds_or_fails_with_its_description() {
    for job in JOBS {
        let outcomes = [(job.succeeded, "SUCCEEDED"), (job.failed, "FAILED")];
        for (status, expected) in outcomes.into_iter().filter(|(status, _)| !status.is_empty()) {
            let stub = Stub::start(vec![ok(job.started), description(job, status)]).await;
            let server = Server::with(stub.config()).await;
            let execution = start(&server, job.call, job.parameters, "").await;
            let described = server.ended(&execution).await;
            assert_eq!(described["status"], expected, "{} {status}: {described}", job.call);
            let result = json!(job.result.replace("STATUS", status));
            let told = if expected == "FAILED" { &described["cause"] } else { &described["output"] };
            assert_eq!(told, &result, "{}", job.call);
            let error = if expected == "FAILED" { json!("States.TaskFailed") } else { Value::Null };
            assert_eq!(described["error"], error, "{}", job.call);
            let requests = stub.requests();
            assert_eq!(requests[1..], [job.look], "{}", job.call);
        }
    }
}

#[tokio::test]
async fn each_job_that_can_be_stopped_is_stopped() {
    for job in JOBS {
        let other = job.description.replace(r#""lastStatus":"STOPPED""#, r#""lastStatus":"RUNNING""#);
        // A status that no service has had yet: it is waited for a while.
        let goes_on = ok(&other.replace(r#"STATUS""#, r#"NEW""#).replace("STATUS", "null"));
        let stub = Stub::start(vec![ok(job.started), goes_on]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, job.call, job.parameters, "").await;
        stub.asked(2).await;
        while server.emulator.engine.waiting_jobs() == 0 {
            tokio::task::yield_now().await;
        }
        server.ok("StopExecution", json!({"executionArn": execution})).await;
        if job.stop.is_empty() {
            // What comes next comes of something else.
            server.emulator.engine.advance(Duration::from_secs(60));
            assert_eq!(stub.requests().len(), 2, "{}", job.call);
        } else {
            assert_eq!(stub.asked(3).await[2], job.stop, "{}", job.call);
        }
    }
}

#[tokio::test]
async fn what_is_deleted_is_waited_for_until_it_is_gone() {
    let gone = (404, r#"{"__type":"ResourceNotFoundException","message":"gone"}"#.to_owned());
    for (call, parameters, description, failed) in [
        (
            "eks:deleteCluster.sync",
            r#"{"Name":"c"}"#,
            r#"{"cluster":{"name":"c","status":"STATUS","createdAt":1.5}}"#,
            "FAILED",
        ),
        (
            "eks:deleteFargateProfile.sync",
            r#"{"ClusterName":"c","FargateProfileName":"f"}"#,
            r#"{"fargateProfile":{"fargateProfileName":"f","status":"STATUS"}}"#,
            "DELETE_FAILED",
        ),
        (
            "eks:deleteNodegroup.sync",
            r#"{"ClusterName":"c","NodegroupName":"g"}"#,
            r#"{"nodegroup":{"nodegroupName":"g","status":"STATUS"}}"#,
            "DELETE_FAILED",
        ),
        (
            "emr-containers:deleteVirtualCluster.sync",
            r#"{"Id":"v"}"#,
            r#"{"virtualCluster":{"id":"v","state":"STATUS"}}"#,
            "ARRESTED",
        ),
    ] {
        let deleting = ok(&description.replace("STATUS", "DELETING"));
        for (last, expected) in [(gone.clone(), "SUCCEEDED"), (ok(&description.replace("STATUS", failed)), "FAILED")] {
            let stub = Stub::start(vec![deleting.clone(), deleting.clone(), last]).await;
            let server = Server::with(stub.config()).await;
            let execution = start(&server, call, parameters, "").await;
            let described = server.ended(&execution).await;
            assert_eq!(described["status"], expected, "{call}: {described}");
            if expected == "SUCCEEDED" {
                assert!(described["output"].as_str().unwrap_or_default().contains("DELETING"), "{call}: {described}");
            }
        }
        // At once gone: what the deletion has returned is all that there is, in the form of a description.
        let stub = Stub::start(vec![deleting, gone.clone()]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, call, parameters, "").await;
        let described = server.ended(&execution).await;
        assert_eq!(described["status"], "SUCCEEDED", "{call}: {described}");
        let output = described["output"].as_str().unwrap_or_default();
        assert!(!output.contains("SdkHttpMetadata"), "{call}: {described}");
        assert_eq!(output.contains(r#""CreatedAt":1500"#), call == "eks:deleteCluster.sync", "{described}");
    }
}

#[tokio::test]
async fn a_status_that_leads_nowhere_is_not_waited_for_for_ever() {
    let application = r#"{"ApplicationId":"a"}"#;
    let nodegroup = r#"{"ClusterName":"c","NodegroupName":"g"}"#;
    for (call, parameters, description, status, then, cause) in [
        (
            "emr-serverless:startApplication.sync",
            application,
            r#"{"application":{"applicationId":"a","state":"STATUS"}}"#,
            "STOPPED",
            "STARTED",
            r#"{"ApplicationId":"a","State":"STOPPED"}"#,
        ),
        (
            "eks:deleteNodegroup.sync",
            nodegroup,
            r#"{"nodegroup":{"nodegroupName":"g","status":"STATUS"}}"#,
            "ACTIVE",
            "",
            r#"{"Nodegroup":{"NodegroupName":"g","Status":"ACTIVE"}}"#,
        ),
        (
            "glue:startJobRun.sync",
            r#"{"JobName":"j"}"#,
            r#"{"JobRun":{"Id":"r","JobRunState":"STATUS"}}"#,
            "Succeeded",
            "SUCCEEDED",
            "glue:getJobRun tells the status Succeeded, which Stepwell does not know, for glue:startJobRun.sync",
        ),
    ] {
        let started = ok(r#"{"JobRunId":"r"}"#);
        let stays = ok(&description.replace("STATUS", status));
        let stub = Stub::start(vec![started.clone(), stays.clone()]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, call, parameters, "").await;
        let described = server.ended(&execution).await;
        assert_eq!((&described["error"], &described["cause"]), (&json!("States.TaskFailed"), &json!(cause)));

        // A service may be slow to tell what has become of a job.
        let gone = (404, r#"{"__type":"ResourceNotFoundException","message":"gone"}"#.to_owned());
        let ends = if then.is_empty() { gone } else { ok(&description.replace("STATUS", then)) };
        let stub = Stub::start(vec![started, stays.clone(), stays, ends]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, call, parameters, "").await;
        assert_eq!(server.ended(&execution).await["status"], "SUCCEEDED", "{call}");
    }
}

#[tokio::test]
async fn a_task_of_ecs_that_does_not_start_fails() {
    let task = r#"{"TaskDefinition":"d"}"#;
    let failures = ok(r#"{"failures":[{"arn":"a","reason":"RESOURCE:MEMORY"}],"tasks":[]}"#);
    for call in ["ecs:runTask.sync", "ecs:runTask.waitForTaskToken"] {
        let stub = Stub::start(vec![failures.clone()]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, call, task, "").await;
        let described = server.ended(&execution).await;
        assert_eq!(described["error"], "AmazonECS.Unknown");
        assert_eq!(described["cause"], r#"[{"Arn":"a","Reason":"RESOURCE:MEMORY"}]"#);
    }
    let stub = Stub::start(vec![failures]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "ecs:runTask", task, "").await;
    assert_eq!(server.ended(&execution).await["status"], "SUCCEEDED");

    // A container that never ran has no exit code.
    for (stopped, error) in [
        (r#""stopCode":"TaskFailedToStart","stoppedReason":"Task failed to start""#, "ECS.TaskFailedToStartException"),
        (
            r#""stopCode":"TaskFailedToStart","stoppedReason":"CannotPullContainerError: no such image""#,
            "ECS.CannotPullContainerErrorException",
        ),
        (r#""stopCode":"UserInitiated","stoppedReason":"CannotPullContainerError""#, "States.TaskFailed"),
        (r#""stopCode":"EssentialContainerExited""#, "States.TaskFailed"),
    ] {
        let stopped = format!(r#"{{"tasks":[{{"lastStatus":"STOPPED",{stopped},"containers":[{{"name":"x"}}]}}]}}"#);
        let stub = Stub::start(vec![ok(r#"{"tasks":[{"taskArn":"a"}]}"#), ok(&stopped)]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, "ecs:runTask.sync", task, "").await;
        let described = server.ended(&execution).await;
        assert_eq!(described["error"], error, "{stopped}");
        let cause: Value = serde_json::from_str(described["cause"].as_str().expect("a cause")).expect("JSON");
        assert_eq!(cause["Containers"][0]["Name"], "x");
    }
}

#[tokio::test]
async fn a_start_that_names_no_job_is_not_waited_for() {
    for (call, parameters, started) in [
        ("ecs:runTask.sync", r#"{"TaskDefinition":"d"}"#, r#"{"tasks":[],"failures":[]}"#),
        ("glue:startJobRun.sync", r#"{"JobName":"j"}"#, "{}"),
    ] {
        let stub = Stub::start(vec![ok(started)]).await;
        let server = Server::with(stub.config()).await;
        let execution = start(&server, call, parameters, "").await;
        let described = server.ended(&execution).await;
        assert_eq!(described["cause"], "the answer names no job that could be waited for", "{call}: {described}");
        assert_eq!(stub.requests().len(), 1, "{call}");
    }
}

#[tokio::test]
async fn several_tasks_of_ecs_are_not_waited_for_and_not_started() {
    let stub = Stub::start(vec![ok("{}")]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "ecs:runTask.sync", r#"{"TaskDefinition":"d","Count":2}"#, "").await;
    let described = server.ended(&execution).await;
    let cause = "Stepwell does not support ecs:runTask.sync with a Count of 2 yet: it waits for one task";
    assert_eq!(described["error"], "States.Runtime", "nothing can catch it");
    assert!(described["cause"].as_str().is_some_and(|told| told.ends_with(cause)), "{described}");
    assert_eq!(stub.requests(), [""; 0]);
}

/// The output of a call that waits for nothing but its answer, without metadata; or its error and cause.
async fn called(call: &str, parameters: &str, answers: Vec<Answer>) -> (Value, Vec<String>) {
    let stub = Stub::start(answers).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, call, parameters, "").await;
    let described = server.ended(&execution).await;
    let told = match described["output"].as_str() {
        Some(output) => {
            let mut output: Value = serde_json::from_str(output).expect("JSON");
            let members = output.as_object_mut().expect("an object");
            assert!(members.remove("SdkHttpMetadata").is_some() && members.remove("SdkResponseMetadata").is_some());
            output
        }
        None => json!(format!("{}: {}", described["error"], described["cause"])),
    };
    (told, stub.requests())
}

#[tokio::test]
async fn the_actions_of_emr_have_names_of_their_own() {
    for (action, parameters, answer, request, output) in [
        (
            "createCluster",
            r#"{"Name":"n","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#,
            r#"{"JobFlowId":"j","ClusterArn":"a"}"#,
            r#"RunJobFlow {"Name":"n","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#,
            json!({"ClusterId": "j"}),
        ),
        (
            "addStep",
            r#"{"ClusterId":"j","Step":{"Name":"n","HadoopJarStep":{"Jar":"j"}}}"#,
            r#"{"StepIds":["s"]}"#,
            r#"AddJobFlowSteps {"JobFlowId":"j","Steps":[{"Name":"n","HadoopJarStep":{"Jar":"j"}}]}"#,
            json!({"StepId": "s"}),
        ),
        (
            "cancelStep",
            r#"{"ClusterId":"j","StepId":"s"}"#,
            r#"{"CancelStepsInfoList":[{"StepId":"s","Status":"SUBMITTED"}]}"#,
            r#"CancelSteps {"ClusterId":"j","StepIds":["s"]}"#,
            json!({"CancelStepsInfo": {"StepId": "s", "Status": "SUBMITTED"}}),
        ),
        (
            "setClusterTerminationProtection",
            r#"{"ClusterId":"j","TerminationProtected":true}"#,
            "",
            r#"SetTerminationProtection {"JobFlowIds":["j"],"TerminationProtected":true}"#,
            json!({}),
        ),
        ("terminateCluster", r#"{"ClusterId":"j"}"#, "", r#"TerminateJobFlows {"JobFlowIds":["j"]}"#, json!({})),
    ] {
        let (told, requests) = called(&format!("elasticmapreduce:{action}"), parameters, vec![ok(answer)]).await;
        assert_eq!((told, requests), (output, vec![request.to_owned()]), "{action}");
    }
}

#[tokio::test]
async fn fleets_and_groups_of_instances_are_found_by_their_names() {
    let fleet = r#"{"ClusterId":"j","InstanceFleetName":"f","InstanceFleet":{"TargetSpotCapacity":0}}"#;
    let first = ok(r#"{"InstanceFleets":[{"Id":"i1","Name":"e"}],"Marker":"m"}"#);
    let second = ok(r#"{"InstanceFleets":[{"Id":"i2","Name":"f"}]}"#);
    let list = r#"ListInstanceFleets {"ClusterId":"j"}"#;
    let (told, requests) =
        called("elasticmapreduce:modifyInstanceFleetByName", fleet, vec![first.clone(), second, ok("")]).await;
    assert_eq!(told, json!({}));
    let modify =
        r#"ModifyInstanceFleet {"ClusterId":"j","InstanceFleet":{"InstanceFleetId":"i2","TargetSpotCapacity":0}}"#;
    assert_eq!(requests, [list, r#"ListInstanceFleets {"ClusterId":"j","Marker":"m"}"#, modify]);

    let none = ok(r#"{"InstanceFleets":[]}"#);
    let (told, _) = called("elasticmapreduce:modifyInstanceFleetByName", fleet, vec![first, none]).await;
    let expected = r#""ElasticMapReduce.InvalidRequestException": "the cluster j has no InstanceFleetName f""#;
    assert_eq!(told, json!(expected));

    // A list that never ends: nobody knows whether it has the name.
    let (told, requests) =
        called("elasticmapreduce:modifyInstanceFleetByName", fleet, vec![ok(r#"{"InstanceFleets":[],"Marker":"m"}"#)])
            .await;
    let expected = "Stepwell does not support more than 1000 pages of listInstanceFleets, and f is on none of these\"";
    let told = told.as_str().expect("an error");
    assert!(told.starts_with("\"States.Runtime\"") && told.ends_with(expected), "{told}");
    assert_eq!(requests.len(), 1000);

    let group = r#"{"ClusterId":"j","InstanceGroupName":"g","InstanceGroup":{"InstanceCount":8}}"#;
    let listed = ok(r#"{"InstanceGroups":[{"Id":"i","Name":"g"}]}"#);
    let (_, requests) = called("elasticmapreduce:modifyInstanceGroupByName", group, vec![listed, ok("")]).await;
    let modify =
        r#"ModifyInstanceGroups {"ClusterId":"j","InstanceGroups":[{"InstanceGroupId":"i","InstanceCount":8}]}"#;
    assert_eq!(requests, [r#"ListInstanceGroups {"ClusterId":"j"}"#, modify]);
}

#[tokio::test]
async fn a_model_may_have_its_input_from_s3() {
    let parameters = r#"{"ModelId":"m","Input":{"S3Uri":"s3://b/k/p.json"}}"#;
    let prompt = r#"{"prompt": "p"}"#;
    let stub = Stub::start(vec![ok(prompt), ok(r#"{"text":"t"}"#)]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "bedrock:invokeModel", parameters, "").await;
    let described = server.ended(&execution).await;
    assert_eq!(described["output"], r#"{"Body":{"text":"t"}}"#, "{described}");
    assert_eq!(stub.requests(), ["GET /b/k/p.json", &format!("POST /model/m/invoke {prompt}")]);

    let gone = "<Error><Code>NoSuchKey</Code><Message>not there</Message><RequestId>r</RequestId></Error>";
    let stub = Stub::start(vec![(404, gone.to_owned())]).await;
    let server = Server::with(stub.config()).await;
    let execution = start(&server, "bedrock:invokeModel", parameters, "").await;
    let described = server.ended(&execution).await;
    assert_eq!(described["error"], "S3.NoSuchKeyException");
    let cause = "not there (Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; Request ID: r; Proxy: null)";
    assert_eq!(described["cause"], cause);
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn the_answer_of_a_model_is_not_written_to_s3() {
    let stub = Stub::start(vec![ok("{}")]).await;
    let server = Server::with(stub.config()).await;
    let state = r#"{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::bedrock:invokeModel","End":true,
        "Arguments":"{% {'ModelId': 'm', 'Body': {}, 'Output': {'S3Uri': 's3://b/k'}} %}"}"#;
    let execution = start_definition(&server, &format!(r#"{{"StartAt":"S","States":{{"S":{state}}}}}"#)).await;
    let cause =
        "Stepwell does not support Output of bedrock:invokeModel yet: what it puts into the result is not documented";
    let described = server.ended(&execution).await;
    assert_eq!(described["error"], "States.Runtime", "nothing can catch it");
    assert!(described["cause"].as_str().is_some_and(|told| told.ends_with(cause)), "{described}");
    assert_eq!(stub.requests(), [""; 0]);
}

#[tokio::test]
async fn what_emr_serverless_is_told_to_do_has_the_application_as_result() {
    for action in ["startApplication", "stopApplication", "deleteApplication"] {
        let call = format!("emr-serverless:{action}");
        let (told, _) = called(&call, r#"{"ApplicationId":"a"}"#, vec![ok("{}")]).await;
        assert_eq!(told, json!({"ApplicationId": "a"}), "{action}");
    }
}
