//! Which call goes where: functions to Lambda, everything else to the endpoint of its service.

use super::api_gateway::{self, ApiGateway};
use super::aws_sdk::{AwsSdk, Target};
use super::cloudwatch_logs::CloudWatchLogs;
use super::http::{Client, Session};
use super::http_task::HttpTasks;
use super::jobs::{Caller, Job, Polled, RunningJob};
use super::kubernetes::Kubernetes;
use super::lambda::{self, Lambda};
use super::model_input;
use super::optimised::Optimised;
use super::owner;
use super::step_functions;
use super::step_functions::{StartedExecution, StepFunctions};
use crate::arn::Namespace;
use crate::config::{Config, Endpoints, NoEndpoint, STEP_FUNCTIONS};
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::interpreter::invocation::{ApiGatewayInvoke, Invocation, Pattern};
use crate::json::Value;
use crate::service_model::jobs;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The caller of all services.
#[derive(Clone, Debug)]
pub struct Services {
    client: Client,
    lambda: Lambda,
    sdk: AwsSdk,
    api_gateway: ApiGateway,
    kubernetes: Kubernetes,
    /// What it learnt of connections holds whoever calls.
    http_tasks: Arc<HttpTasks>,
    endpoints: Endpoints,
    /// Step Functions in this process.
    here: OnceLock<Arc<dyn StepFunctions>>,
}

impl Services {
    /// A caller with the endpoints and credentials of this configuration.
    pub fn new(config: &Config) -> Self {
        Self::calling_with(Client::new(config), config)
    }

    fn calling_with(client: Client, config: &Config) -> Self {
        Self {
            lambda: Lambda::new(config, &client),
            sdk: AwsSdk::new(&client),
            api_gateway: ApiGateway::new(&client),
            kubernetes: Kubernetes::new(&client),
            http_tasks: Arc::new(HttpTasks::new(config, &client)),
            client,
            endpoints: config.endpoints.clone(),
            here: OnceLock::new(),
        }
    }

    /// CloudWatch Logs, if this configuration delivers logs to it, over the connections of all other calls.
    pub fn cloudwatch_logs(&self, config: &Config) -> Option<CloudWatchLogs> {
        CloudWatchLogs::new(config, &self.client)
    }

    pub(super) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    pub(super) fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    pub(super) fn http_tasks(&self) -> &HttpTasks {
        &self.http_tasks
    }

    pub(super) fn sdk(&self) -> &AwsSdk {
        &self.sdk
    }

    /// The same callers with the keys of a session in an account, which this endpoint gave.
    pub(super) fn signing_with(&self, session: Arc<dyn Session>, namespace: &Namespace, giver: &Endpoint) -> Self {
        let client = self.client.signing_with(session, namespace.clone(), giver);
        Self {
            lambda: self.lambda.signing_with(&client),
            sdk: AwsSdk::new(&client),
            api_gateway: ApiGateway::new(&client),
            kubernetes: Kubernetes::new(&client),
            http_tasks: self.http_tasks.clone(),
            client,
            endpoints: self.endpoints.clone(),
            here: self.here.clone(),
        }
    }

    /// Calls of Step Functions without an endpoint of its own are answered by this one from now on.
    pub fn connect(&self, here: Arc<dyn StepFunctions>) {
        // Whoever came first is the same emulator.
        let _ = self.here.set(here);
    }

    /// What was learnt about connections of one namespace, or of all, is forgotten.
    pub fn reset(&self, namespace: Option<&Namespace>) {
        self.http_tasks.reset(namespace);
    }

    /// The execution in this process that a call with this output is about, and whether the output tells what became of it.
    pub fn nested(&self, invocation: &Invocation, output: &Value) -> Option<(SmolStr, bool)> {
        let tells = match invocation {
            Invocation::StartExecution { .. } => false,
            Invocation::AwsSdk { service, action, .. }
                if service == "sfn" && self.endpoints.of(STEP_FUNCTIONS).is_none() =>
            {
                match action.as_str() {
                    "startExecution" => false,
                    "startSyncExecution" | "describeExecution" => true,
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some((output.get("ExecutionArn")?.as_str()?.into(), tells))
    }

    /// What is waited for after a call that has given this output.
    pub fn job(&self, namespace: &Namespace, invocation: &Invocation, output: &Value) -> Option<Result<Job, Failure>> {
        let waits = match invocation {
            Invocation::StartExecution { pattern, .. } | Invocation::Optimised { pattern, .. } => {
                matches!(pattern, Pattern::Sync | Pattern::Sync2)
            }
            Invocation::KubernetesJob(job) => job.is_waited_for,
            _ => false,
        };
        // Our words: AWS's own answers always name a job.
        let unnamed = || Failure::reported("States.TaskFailed", "the answer names no job that could be waited for");
        waits.then(|| self.named_job(namespace, invocation, output).ok_or_else(unnamed))
    }

    fn named_job(&self, namespace: &Namespace, invocation: &Invocation, output: &Value) -> Option<Job> {
        match invocation {
            Invocation::StartExecution { pattern: pattern @ (Pattern::Sync | Pattern::Sync2), .. } => {
                let reads_json = *pattern == Pattern::Sync2;
                StartedExecution::of(self.here.get()?, namespace, output, reads_json).map(Job::Execution)
            }
            Invocation::Optimised { service, action, parameters, pattern: Pattern::Sync } => {
                let optimised = Optimised::find(service, action)?;
                // The call was made, so there is one; no service with jobs has them at another host.
                let endpoint = self.endpoint(namespace, &optimised.target, parameters, service).ok()?.into_owned();
                let caller = Caller { sdk: self.sdk.clone(), namespace: namespace.clone(), endpoint };
                let polled = Polled::of(jobs::job_of(service, action)?, caller, parameters, output)?;
                Some(Job::Polled(Box::new(polled)))
            }
            Invocation::KubernetesJob(job) if job.is_waited_for => {
                let job = RunningJob::of(self.kubernetes.clone(), namespace, job, output)?;
                Some(Job::Kubernetes(Box::new(job)))
            }
            _ => None,
        }
    }

    /// Makes a call and waits for its result. Dropping the future gives the call up.
    /// Boxed, each kind of call by itself: thousands may wait, and none should take the room of the largest.
    /// `role_arn` is the role that AWS makes the call in.
    pub async fn invoke(
        &self,
        namespace: &Namespace,
        role_arn: &str,
        invocation: &Invocation,
    ) -> Result<Value, Failure> {
        let caller = &step_functions::Caller { namespace, role_arn };
        let namespace = &owner::of(invocation, namespace);
        let (service, action, parameters) = match invocation {
            Invocation::AwsSdk { service, action, parameters } => (service, action, parameters),
            Invocation::Optimised { service, action, parameters, pattern } => {
                return Box::pin(self.optimised(namespace, service, action, parameters, *pattern)).await;
            }
            Invocation::ApiGateway(call) => return Box::pin(self.api_gateway(namespace, call)).await,
            Invocation::KubernetesCall(call) => return Box::pin(self.kubernetes.call(namespace, call)).await,
            Invocation::KubernetesJob(job) => return Box::pin(self.kubernetes.run_job(namespace, job)).await,
            Invocation::HttpTask(task) => return Box::pin(self.http_tasks.call(namespace, task)).await,
            Invocation::StartExecution { parameters, .. } => {
                return match self.here.get() {
                    Some(here) => {
                        let started = Box::pin(step_functions::start_execution(&**here, caller, parameters)).await;
                        started.map_err(|failure| self.unless_elsewhere(failure))
                    }
                    None => Err(Failure::reported("StepFunctions.SdkClientException", "nobody answers here")),
                };
            }
            Invocation::LambdaFunction { .. } | Invocation::LambdaInvoke(_) => {
                return Box::pin(self.lambda.invoke(namespace, invocation)).await;
            }
        };
        let target = Target::find(service, action).expect("a definition with an unknown action is refused");
        lambda::is_reachable(&target, parameters, namespace)?;
        if let ("lambda", "Invoke") = (target.service.name, target.operation.name) {
            let text = |name: &str| parameters.get(name).and_then(Value::as_str);
            let function = text("FunctionName").unwrap_or_default();
            if let Some(container) = self.lambda.container(namespace, function, text("Qualifier")) {
                return Box::pin(AwsSdk::invoke_in(container, &target, parameters)).await;
            }
        }
        if let (Some(here), "sfn") = (self.here.get(), service.as_str())
            && self.endpoints.of(&target.service.endpoint_variable()).is_none()
        {
            return Box::pin(step_functions::call(&**here, caller, &target, parameters)).await;
        }
        let endpoint = self.endpoint(namespace, &target, parameters, service);
        let endpoint = endpoint.map_err(|problem| no_endpoint(target.service.prefix, &problem))?;
        Box::pin(self.sdk.call(namespace, &endpoint, &target, parameters)).await
    }

    /// Executions are started in this process. Of a state machine that isn't here nobody can say that there is none, if
    /// Step Functions is somewhere else, too.
    fn unless_elsewhere(&self, failure: Failure) -> Failure {
        match self.endpoints.of(STEP_FUNCTIONS) {
            Some(endpoint) if step_functions::is_no_such_machine(&failure) => Failure::not_supported(format!(
                "states:startExecution of state machines that are not here, but at {endpoint} (--step-functions-endpoint)"
            )),
            _ => failure,
        }
    }

    async fn optimised(
        &self,
        namespace: &Namespace,
        service: &str,
        action: &str,
        parameters: &Value,
        pattern: Pattern,
    ) -> Result<Value, Failure> {
        let optimised = Optimised::find(service, action).expect("a definition with an unknown action is refused");
        let endpoint = self.endpoint(namespace, &optimised.target, parameters, service);
        let endpoint = endpoint.map_err(|problem| no_endpoint(optimised.prefix, &problem))?;
        optimised.has_no_output_in_s3(parameters)?;
        let parameters = match model_input::of(service, action, parameters) {
            Some((members, input)) => &Box::pin(self.with_input(namespace, members, input)).await?,
            None => parameters,
        };
        optimised.call(&self.sdk, namespace, &endpoint, parameters, pattern).await
    }

    /// Where to make a call; `name` is what users call the service.
    pub(super) fn endpoint(
        &self,
        namespace: &Namespace,
        target: &Target,
        parameters: &Value,
        name: &str,
    ) -> Result<Cow<'_, Endpoint>, NoEndpoint> {
        self.endpoints.at(target.service, target.operation, parameters, &namespace.region, name)
    }

    async fn api_gateway(&self, namespace: &Namespace, call: &ApiGatewayInvoke) -> Result<Value, Failure> {
        let Some(place) = api_gateway::place(call, self.endpoints.of(api_gateway::VARIABLE), self.endpoints.aws)?
        else {
            let (service, variable) = ("apigateway".to_owned(), api_gateway::VARIABLE.to_owned());
            return Err(no_endpoint("ApiGateway", &NoEndpoint::NotConfigured { service, variable }));
        };
        self.api_gateway.call(namespace, &place, call).await
    }
}

/// In the form of the SDK's: on AWS there always is an endpoint.
pub(super) fn no_endpoint(prefix: &str, problem: &NoEndpoint) -> Failure {
    match problem {
        // AWS can't call such a host either.
        NoEndpoint::NotConfigured { .. } | NoEndpoint::NoHost { .. } => {
            Failure::reported(format!("{prefix}.SdkClientException"), problem.to_string())
        }
        NoEndpoint::OtherSignature { .. } | NoEndpoint::DependsOnParameters { .. } => {
            Failure::not_supported(format!("this call of AWS: {problem}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrations::jobs::Progress;
    use crate::integrations::role::TaskRole;
    use crate::integrations::stub::{Answers, Stub, namespace};
    use crate::interpreter::invocation::KubernetesJob;
    use crate::service_model;

    /// What was asked of a service that doesn't answer, and gives up: what it was told, and that the connection was closed.
    fn given_up(stub: &Stub) -> (String, bool) {
        let wait = std::time::Duration::from_secs(10);
        let told = || stub.requests.recv_timeout(wait).unwrap_or_default();
        (told(), told() == "Ok(0)")
    }

    fn impatient(stub: &Stub) -> Services {
        let of_all = Some(Endpoint::parse(&stub.endpoint()).expect("a URL"));
        let config = Config { endpoints: Endpoints { of_all, ..Endpoints::default() }, ..Config::default() };
        let patience = std::time::Duration::from_millis(500);
        Services::calling_with(Client::new(&config).waiting_for(patience), &config)
    }

    fn glue_job(services: &Services) -> Job {
        let parameters = Value::parse(r#"{"JobName":"j"}"#).expect("JSON");
        let (service, action) = ("glue".into(), "startJobRun".into());
        let started = Invocation::Optimised { service, action, parameters, pattern: Pattern::Sync };
        let output = Value::parse(r#"{"JobRunId":"r"}"#).expect("JSON");
        services.job(&namespace(), &started, &output).expect("a job").expect("a named one")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_waits_for_ever_for_what_no_task_limits() {
        // A look at a job, which is repeated.
        let stub = Stub::start(Answers::Never);
        let mut job = glue_job(&impatient(&stub));
        assert!(matches!(job.look().await, Progress::GoesOn(_)));
        let (asked, is_closed) = given_up(&stub);
        assert!(asked.contains("AWSGlue.GetJobRun") && is_closed, "{asked}");

        // Its end.
        let stub = Stub::start(Answers::Never);
        drop(glue_job(&impatient(&stub)));
        let (asked, is_closed) = given_up(&stub);
        assert!(asked.contains("AWSGlue.BatchStopJobRun") && is_closed, "{asked}");

        // A role.
        let stub = Stub::start(Answers::Never);
        let arn = smol_str::SmolStr::from("arn:aws:iam::222222222222:role/r");
        let role = TaskRole { arn: arn.clone(), machine_role: arn.clone(), machine_arn: arn };
        let failure = impatient(&stub).assume(&namespace(), &role).await.expect_err("no answer");
        assert!(failure.cause().unwrap_or_default().ends_with(": Read timed out"), "{failure:?}");
        let (asked, is_closed) = given_up(&stub);
        assert!(asked.contains("Action=AssumeRole") && is_closed, "{asked}");

        // A job of Kubernetes, and its end.
        for drops in [false, true] {
            let stub = Stub::start(Answers::Never);
            let cluster = format!(r#""ClusterName":"c","CertificateAuthority":"","Endpoint":"{}""#, stub.endpoint());
            let parameters = Value::parse(&format!(r#"{{{cluster},"Namespace":"n","Job":{{}}}}"#)).expect("JSON");
            let started = KubernetesJob::of(&parameters, true).map(Box::new).map(Invocation::KubernetesJob);
            let output = Value::parse(r#"{"ResponseBody":{"metadata":{"name":"j"}}}"#).expect("JSON");
            let services = impatient(&stub);
            let job = services.job(&namespace(), &started.expect("parameters"), &output);
            let mut job = job.expect("a job").expect("a named one");
            let method = if drops {
                drop(job);
                "DELETE"
            } else {
                assert!(matches!(job.look().await, Progress::GoesOn(_)));
                "GET"
            };
            let (asked, is_closed) = given_up(&stub);
            assert!(asked.starts_with(&format!("{method} /apis/batch/v1/namespaces/n/jobs/j")) && is_closed, "{asked}");
        }
    }

    /// The failure comes at once, without a look at any name or a connection: there is no address to look at.
    #[tokio::test]
    async fn without_an_endpoint_no_service_is_called() {
        let services = Services::new(&Config::default());
        for name in service_model::names() {
            let service = service_model::find(name).expect("a name of the table");
            let Some(operation) = service.operations().iter().find(|operation| operation.refused.is_none()) else {
                continue;
            };
            let invocation = Invocation::AwsSdk {
                service: name.into(),
                action: smol_str::format_smolstr!(
                    "{}{}",
                    operation.name[..1].to_ascii_lowercase(),
                    &operation.name[1..]
                ),
                parameters: Value::object::<smol_str::SmolStr>([]),
            };
            let failure = services.invoke(&namespace(), "", &invocation).await.expect_err(name);
            let (variable, cause) = (service.endpoint_variable(), failure.cause().unwrap_or_default());
            let expected = format!("no endpoint for {name} is configured; start Stepwell with {variable}=URL");
            assert!(cause.starts_with(&expected) && cause.ends_with("or with --aws to call AWS"), "{cause}");
        }
    }
}
