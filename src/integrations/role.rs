//! The role of a task's `Credentials`: whoever assumes it makes the task's calls in the role's account.
//!
//! With an endpoint for STS, or with AWS, the role is assumed there, as Step Functions does it, and the calls are signed with
//! the keys of the session: that is how stand-ins for AWS learn whose call it is. Otherwise nobody can be asked; the account
//! itself is the access key id then, as in all calls for accounts whose keys are not configured.

use super::aws_sdk::{Fault, NotSent, Target, decode};
use super::sdk;
use super::services::Services;
use crate::arn::{Arn, Namespace};
use crate::config::Credentials;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::json::Value;
use smol_str::SmolStr;

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
        let assume_role = Target::of_our_own("sts", "assumeRole").expect("the table has STS");
        let services = match self.endpoint(namespace, &assume_role, &Value::Null, "sts") {
            Err(_) => self.clone(),
            Ok(endpoint) => {
                let keys = self.session(namespace, &endpoint, &assume_role, role).await?;
                self.signing_with(keys, &target, &endpoint)
            }
        };
        Ok(Assumed { services, namespace: target })
    }

    async fn session(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        assume_role: &Target,
        role: &TaskRole,
    ) -> Result<Credentials, Failure> {
        let parameters = Value::object([
            ("RoleArn", Value::from(role.arn.clone())),
            ("RoleSessionName", uuid::Uuid::new_v4().simple().to_string().into()),
            ("ExternalId", role.machine_arn.clone().into()),
        ]);
        let sent = sdk::in_time(self.sdk().send(namespace, endpoint, assume_role, &parameters)).await;
        let sent = sent.unwrap_or_else(|late| Err(NotSent::Transport(late)));
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
        Ok(Credentials { access_key_id, secret_access_key, session_token: text("SessionToken") })
    }
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
