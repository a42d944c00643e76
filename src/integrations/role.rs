//! The role of a task's `Credentials`: whoever assumes it makes the task's calls in the role's account.
//!
//! With an endpoint for STS, or with AWS, the role is assumed there, as Step Functions does it, and the calls are signed with
//! the keys of the session: that is how stand-ins for AWS learn whose call it is. Otherwise nobody can be asked; the account
//! itself is the access key id then, as in all calls for accounts whose keys are not configured.

use super::aws_sdk::{Fault, NotSent, Target, decode};
use super::http::{Problem, Session};
use super::services::Services;
use crate::arn::{Arn, Namespace};
use crate::config::Credentials;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::json::Value;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A role to be assumed, and who wants it.
#[derive(Clone, Debug)]
pub struct TaskRole {
    /// The role of the `Credentials`.
    pub arn: SmolStr,
    /// The state machine's role, which must be allowed to assume it.
    pub machine_role: SmolStr,
    /// The state machine, which trust policies may name as the external id (AWS's page "Cross-account access for .sync
    /// integration pattern").
    pub machine_arn: SmolStr,
}

/// A role is assumed anew so long before its keys expire: a job may be waited for longer than they hold.
const EARLY_MILLIS: i64 = 5 * 60 * 1000;

/// A role that was assumed, with what it takes to assume it anew.
#[derive(Debug)]
struct AssumedRole {
    services: Services,
    namespace: Namespace,
    endpoint: Endpoint,
    role: TaskRole,
    last: Mutex<Known>,
}

/// Keys, and when they expire, in transport time; never if nobody said so.
#[derive(Debug)]
struct Known {
    keys: Arc<Credentials>,
    expires: Option<Timestamp>,
}

impl Known {
    fn hold_for(&self, millis: i64) -> bool {
        let then = Timestamp::from_millis(chrono::Utc::now().timestamp_millis()).plus_millis(millis);
        self.expires.is_none_or(|expires| then < expires)
    }
}

impl Session for AssumedRole {
    fn keys(&self) -> Pin<Box<dyn Future<Output = Result<Arc<Credentials>, Problem>> + Send + '_>> {
        Box::pin(async move {
            let mut last = self.last.lock().await;
            if !last.hold_for(EARLY_MILLIS) {
                match Box::pin(self.services.session(&self.namespace, &self.endpoint, &self.role)).await {
                    Ok(known) => *last = known,
                    // Who can't be asked now may be asked the next time.
                    Err(_) if last.hold_for(0) => {}
                    Err(Failure::RoleNotAssumable { machine_role, task_role }) => {
                        return Err(Problem::RoleRefused { machine_role, task_role });
                    }
                    Err(failure) => {
                        return Err(Problem::Other(failure.cause().unwrap_or_default().to_string()));
                    }
                }
            }
            Ok(last.keys.clone())
        })
    }
}

/// What makes calls in an assumed role.
#[derive(Debug)]
pub struct Assumed {
    /// Signs with the keys of the session.
    pub services: Services,
    /// The role's account, in the region of the execution: AWS has no cross-region access.
    pub namespace: Namespace,
}

/// The variable with the address of STS.
pub(super) const VARIABLE: &str = "AWS_ENDPOINT_URL_STS";

impl Services {
    /// Assumes a role for a task of an execution in this namespace.
    pub async fn assume(&self, namespace: &Namespace, role: &TaskRole) -> Result<Assumed, Failure> {
        let Some(account) = account(&role.arn, namespace) else { return Err(role.refused()) };
        let target = Namespace { account, region: namespace.region.clone() };
        let services = match self.endpoint(namespace, &assume_role(), &Value::Null, "sts") {
            Err(_) => self.clone(),
            Ok(endpoint) => {
                let last = Mutex::new(self.session(namespace, &endpoint, role).await?);
                let (services, namespace, role) = (self.clone(), namespace.clone(), role.clone());
                let session = AssumedRole { services, namespace, endpoint: endpoint.clone().into_owned(), role, last };
                self.signing_with(Arc::new(session), &target, &endpoint)
            }
        };
        Ok(Assumed { services, namespace: target })
    }

    async fn session(&self, namespace: &Namespace, endpoint: &Endpoint, role: &TaskRole) -> Result<Known, Failure> {
        let assume_role = &assume_role();
        let parameters = Value::object([
            ("RoleArn", Value::from(role.arn.clone())),
            ("RoleSessionName", uuid::Uuid::new_v4().simple().to_string().into()),
            ("ExternalId", role.machine_arn.clone().into()),
        ]);
        let sent = self.sdk().ask(namespace, endpoint, assume_role, &parameters).await;
        let answer = sent.map_err(|problem| match problem {
            NotSent::Unusable(failure) => failure,
            NotSent::Transport(problem) => role.unanswered(endpoint, &problem.to_string()),
        })?;
        let answer = decode(assume_role, answer.response()).map_err(|fault| match fault {
            Fault::Service(error) if error.status == 403 || error.code.as_deref() == Some("AccessDenied") => {
                role.refused()
            }
            Fault::Service(error) => role.unanswered(endpoint, &error.cause(assume_role.service)),
            Fault::Unreadable(problem) => role.unanswered(endpoint, &problem.to_string()),
        })?;
        let keys = answer.get("Credentials");
        let text = |name| keys.and_then(|keys| keys.get(name)?.as_str()).map(str::to_owned);
        let (access_key_id, secret_access_key) = (text("AccessKeyId"), text("SecretAccessKey"));
        if access_key_id.is_none() || secret_access_key.is_none() {
            return Err(role.unanswered(endpoint, "the answer has no keys"));
        }
        let expires = match text("Expiration") {
            None => None,
            Some(text) => Some(
                Timestamp::parse(&text)
                    .ok_or_else(|| role.unanswered(endpoint, "the answer's Expiration is no time"))?,
            ),
        };
        let keys = Credentials { access_key_id, secret_access_key, session_token: text("SessionToken") };
        Ok(Known { keys: Arc::new(keys), expires })
    }
}

fn assume_role() -> Target {
    Target::of_our_own("sts", "assumeRole").expect("the table has STS")
}

impl TaskRole {
    fn refused(&self) -> Failure {
        Failure::RoleNotAssumable { machine_role: self.machine_role.clone(), task_role: self.arn.clone() }
    }

    /// Our words: AWS always has an answer to this.
    fn unanswered(&self, endpoint: &Endpoint, problem: &str) -> Failure {
        Failure::reported(
            "States.TaskFailed",
            format!(
                "The role {} could not be assumed at {endpoint} ({VARIABLE} or AWS_ENDPOINT_URL): {problem}",
                self.arn
            ),
        )
    }
}

/// The account of a role, if it can be assumed from here: roles are not assumed across partitions (AWS's page "Accessing
/// resources in other AWS accounts"). That what is no role fails in the words of one that can't be assumed is a guess.
fn account(role_arn: &str, from: &Namespace) -> Option<SmolStr> {
    let arn = Arn::parse(role_arn)?;
    let is_account = arn.account.len() == 12 && arn.account.bytes().all(|b| b.is_ascii_digit());
    let is_role = arn.service == "iam"
        && arn.region.is_empty()
        && arn.resource.strip_prefix("role/").is_some_and(|name| !name.is_empty());
    (is_account && is_role && arn.partition == from.partition()).then(|| arn.account.into())
}
