//! Jobs of Kubernetes that `eks:runJob.sync` waits for.
//!
//! Documented: the job is looked at until it has ended, and its logs are put beside its description, as far as they can be
//! had. A guess: that a job which fails reports `States.TaskFailed`, and that one which nobody waits for is deleted.

use super::Progress;
use super::patience::Patience;
use crate::arn::Namespace;
use crate::failure::Failure;
use crate::integrations::kubernetes::{self, Kubernetes, Request, path_part, unanswered};
use crate::interpreter::invocation::KubernetesJob;
use crate::json::Value;
use smol_str::SmolStr;

/// A job with how it was started and what is known of it.
#[derive(Debug)]
pub struct RunningJob {
    kubernetes: Kubernetes,
    /// In whose name the cluster is asked.
    caller: Namespace,
    started: KubernetesJob,
    /// The name that the cluster knows it by.
    name: SmolStr,
    patience: Patience,
    has_ended: bool,
}

impl RunningJob {
    /// The job that `eks:runJob` has started, as its output says.
    pub(in crate::integrations) fn of(
        kubernetes: Kubernetes,
        caller: &Namespace,
        started: &KubernetesJob,
        output: &Value,
    ) -> Option<RunningJob> {
        let name = output.get("ResponseBody")?.get("metadata")?.get("name")?.as_str()?.into();
        let (caller, started, patience) = (caller.clone(), started.clone(), Patience::default());
        Some(RunningJob { kubernetes, caller, started, name, patience, has_ended: false })
    }

    /// Asks how it is.
    pub async fn look(&mut self) -> Progress {
        let progress = match self.ask("GET", &self.path(), "").await {
            Err(failure) => self.patience.try_again(failure),
            Ok((200..300, job)) => match has_succeeded(&job) {
                None => self.patience.go_on(),
                Some(succeeded) => {
                    let with_logs = self.kubernetes.in_time(self.with_logs(job.clone())).await;
                    let result = with_logs.unwrap_or(job);
                    Progress::Ended(if succeeded {
                        Ok(result)
                    } else {
                        Err(Failure::reported("States.TaskFailed", result.to_compact_text()))
                    })
                }
            },
            Ok((status, body)) => {
                let failure = Failure::reported(format!("EKS.{status}"), body.to_compact_text());
                match status {
                    429 | 500.. => self.patience.try_again(failure),
                    _ => Progress::Ended(Err(failure)),
                }
            }
        };
        self.has_ended = matches!(progress, Progress::Ended(_));
        progress
    }

    fn path(&self) -> String {
        let (namespace, name) = (path_part(&self.started.namespace), path_part(&self.name));
        format!("/apis/batch/v1/namespaces/{namespace}/jobs/{name}")
    }

    async fn ask(&self, method: &str, path: &str, query: &str) -> Result<(u16, Value), Failure> {
        let request = Request { method, path, query, body: None };
        let asked = self.kubernetes.ask(&self.caller, &self.started.cluster, &request);
        self.kubernetes.in_time(asked).await.unwrap_or_else(|late| Err(unanswered(&late)))
    }

    /// The job with the logs of the containers of its pods, if they are wanted.
    async fn with_logs(&self, job: Value) -> Value {
        let (Some(options), Value::Object(members)) = (&self.started.logs, &job) else { return job };
        let base = format!("/api/v1/namespaces/{}/pods", path_part(&self.started.namespace));
        let query = format!("labelSelector=job-name%3D{}", path_part(&self.name));
        let listed = self.ask("GET", &base, &query).await.map(|(_, pods)| pods).unwrap_or_default();
        let mut pods = Vec::new();
        for pod in listed.get("items").and_then(Value::as_array).unwrap_or_default() {
            let named = |value: &Value| value.get("name").and_then(Value::as_str).map(SmolStr::from);
            let Some(pod_name) = pod.get("metadata").and_then(named) else { continue };
            let containers = pod.get("spec").and_then(|spec| spec.get("containers")).and_then(Value::as_array);
            let mut logs = Vec::new();
            for container in containers.unwrap_or_default().iter().filter_map(named) {
                let parameters = options.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let query = kubernetes::query([("container", container.as_str())].into_iter().chain(parameters));
                let path = format!("{base}/{}/log", path_part(&pod_name));
                let request = Request { method: "GET", path: &path, query: &query, body: None };
                let log = self.kubernetes.log(&self.caller, &self.started.cluster, &request, options.raw).await;
                logs.push((container, log));
            }
            pods.push((pod_name, Value::object([("containers", Value::object(logs))])));
        }
        members.with("logs", Value::object([("pods", Value::object(pods))]))
    }
}

/// Whether it has done its work; nothing as long as it goes on.
fn has_succeeded(job: &Value) -> Option<bool> {
    let conditions = job.get("status")?.get("conditions")?.as_array()?;
    let text = |condition: &Value, name: &str| condition.get(name).and_then(Value::as_str).map(SmolStr::from);
    let holds = |condition: &&Value| text(condition, "status").as_deref() == Some("True");
    conditions.iter().filter(holds).find_map(|condition| match text(condition, "type").as_deref() {
        Some("Complete") => Some(true),
        Some("Failed") => Some(false),
        _ => None,
    })
}

/// Nobody waits any more.
impl Drop for RunningJob {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.has_ended {
            return;
        }
        let (kubernetes, caller, cluster) =
            (self.kubernetes.clone(), self.caller.clone(), self.started.cluster.clone());
        let path = self.path();
        runtime.spawn(async move {
            let query = "propagationPolicy=Background";
            let request = Request { method: "DELETE", path: &path, query, body: None };
            let asked = kubernetes.in_time(kubernetes.ask(&caller, &cluster, &request)).await;
            if let Err(failure) = asked.unwrap_or_else(|late| Err(unanswered(&late))) {
                let cause = failure.cause().unwrap_or_default();
                tracing::warn!(%path, %cause, "a job that nobody waits for could not be deleted");
            }
        });
    }
}
