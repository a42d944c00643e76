//! Which call goes where: functions to Lambda, everything else to the endpoint of its service.

use super::api_gateway::{self, ApiGateway};
use super::aws_sdk::{AwsSdk, Target};
use super::http_task::HttpTasks;
use super::jobs::{Caller, Job, Polled, RunningJob};
use super::kubernetes::Kubernetes;
use super::optimised::Optimised;
use super::owner;
use super::step_functions::{StartedExecution, StepFunctions};
use super::{Lambda, step_functions};
use crate::arn::Namespace;
use crate::config::{Config, Credentials, Endpoints};
use crate::failure::Failure;
use crate::interpreter::invocation::{ApiGatewayInvoke, Invocation, Pattern};
use crate::json::Value;
use crate::service_model::jobs;
use std::sync::{Arc, OnceLock};

/// The caller of all services.
#[derive(Clone, Debug)]
pub struct Services {
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
        Self {
            lambda: Lambda::new(config),
            sdk: AwsSdk::new(config),
            api_gateway: ApiGateway::new(config),
            kubernetes: Kubernetes::new(config),
            http_tasks: Arc::new(HttpTasks::new(config)),
            endpoints: config.endpoints.clone(),
            here: OnceLock::new(),
        }
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

    /// The same callers with the keys of a session in an account.
    pub(super) fn signing_with(&self, keys: &Credentials, namespace: &Namespace) -> Self {
        Self {
            lambda: self.lambda.signing_with(keys, namespace),
            sdk: self.sdk.signing_with(keys, namespace),
            api_gateway: self.api_gateway.signing_with(keys, namespace),
            kubernetes: self.kubernetes.signing_with(keys, namespace),
            http_tasks: self.http_tasks.clone(),
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
                let endpoint = self.endpoints.of(&optimised.target.service.endpoint_variable())?.clone();
                let caller = Caller { sdk: self.sdk.clone(), namespace: namespace.clone(), endpoint };
                let polled = Polled::of(jobs::job_of(service, action)?, caller, parameters, output);
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
    pub async fn invoke(&self, namespace: &Namespace, invocation: &Invocation) -> Result<Value, Failure> {
        let namespace = &owner::of(invocation, namespace);
        let (service, action, parameters) = match invocation {
            Invocation::AwsSdk { service, action, parameters } => (service, action, parameters),
            Invocation::Optimised { service, action, parameters, pattern } => {
                return self.optimised(namespace, service, action, parameters, *pattern).await;
            }
            Invocation::ApiGateway(call) => return self.api_gateway(namespace, call).await,
            Invocation::KubernetesCall(call) => return self.kubernetes.call(namespace, call).await,
            Invocation::KubernetesJob(job) => return self.kubernetes.run_job(namespace, job).await,
            Invocation::HttpTask(task) => return self.http_tasks.call(namespace, task).await,
            Invocation::StartExecution { parameters, .. } => {
                return match self.here.get() {
                    Some(here) => step_functions::start_execution(&**here, namespace, parameters).await,
                    None => Err(Failure::reported("StepFunctions.SdkClientException", "nobody answers here")),
                };
            }
            Invocation::LambdaFunction { .. } | Invocation::LambdaInvoke(_) => {
                return self.lambda.invoke(namespace, invocation).await;
            }
        };
        let target = Target::find(service, action).expect("a definition with an unknown action is refused");
        if let ("lambda", "Invoke") = (target.service.name, target.operation.name) {
            let text = |name: &str| parameters.get(name).and_then(Value::as_str);
            let function = text("FunctionName").unwrap_or_default();
            if let Some(container) = self.lambda.container(namespace, function, text("Qualifier")) {
                return AwsSdk::invoke_in(container, &target, parameters).await;
            }
        }
        let variable = target.service.endpoint_variable();
        match (self.endpoints.of(&variable), self.here.get()) {
            (Some(endpoint), _) => self.sdk.call(namespace, endpoint, &target, parameters).await,
            (None, Some(here)) if service == "sfn" => {
                step_functions::call(&**here, namespace, &target, parameters).await
            }
            (None, _) => Err(no_endpoint(target.service.prefix, service, &variable)),
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
        let variable = optimised.target.service.endpoint_variable();
        let Some(endpoint) = self.endpoints.of(&variable) else {
            return Err(no_endpoint(optimised.prefix, service, &variable));
        };
        optimised.call(&self.sdk, namespace, endpoint, parameters, pattern).await
    }

    async fn api_gateway(&self, namespace: &Namespace, call: &ApiGatewayInvoke) -> Result<Value, Failure> {
        let Some(place) = api_gateway::place(call, self.endpoints.of(api_gateway::VARIABLE))? else {
            return Err(no_endpoint("ApiGateway", "apigateway", api_gateway::VARIABLE));
        };
        self.api_gateway.call(namespace, &place, call).await
    }
}

/// Our words, in the form of the SDK's: on AWS there always is an endpoint.
fn no_endpoint(prefix: &str, service: &str, variable: &str) -> Failure {
    Failure::reported(
        format!("{prefix}.SdkClientException"),
        format!("no endpoint for {service} is configured; start Stepwell with {variable}=URL or AWS_ENDPOINT_URL=URL"),
    )
}
