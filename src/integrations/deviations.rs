//! What of a call is not as on AWS. It is known before the call is made, so that a call which mustn't be made isn't.

use super::aws_sdk::Target;
use super::optimised::Optimised;
use super::services::Services;
use super::{api_gateway, model_input, owner, role};
use crate::arn::Namespace;
use crate::endpoint::{Endpoint, Scheme};
use crate::honesty::Deviation;
use crate::interpreter::invocation::Invocation;
use crate::json::Value;
use smol_str::SmolStr;

/// Who answers a call.
enum Answerer {
    /// Something at this address, in place of this service.
    At(SmolStr, Endpoint),
    /// Step Functions in this process.
    Here,
    /// AWS.
    Aws,
    /// An API, with these deviations.
    Api(Vec<Deviation>),
    /// Nobody, since it isn't known where this is.
    Unknown(SmolStr),
    /// Nobody: nothing could be called there by AWS either.
    Nobody,
}

impl Services {
    /// What of a call on behalf of an account is not as on AWS. `task_role` is the role of the task's `Credentials`.
    pub fn deviations(
        &self,
        namespace: &Namespace,
        invocation: &Invocation,
        machine_role: &SmolStr,
        task_role: Option<&SmolStr>,
    ) -> Box<[Deviation]> {
        let mut deviations = Vec::with_capacity(2);
        match self.answerer(namespace, invocation) {
            Answerer::Nobody => return Box::default(),
            Answerer::Unknown(service) => return [Deviation::NotCalled { service }].into(),
            Answerer::Here | Answerer::Aws => {}
            Answerer::Api(met) => deviations = met,
            Answerer::At(service, endpoint) => deviations.extend(local(service, &endpoint)),
        }
        deviations.extend(self.input_from(invocation));
        match (task_role, self.endpoints().of(role::VARIABLE)) {
            (Some(_), Some(sts)) => deviations.extend(local("sts".into(), sts)),
            // It is assumed at AWS.
            (Some(_), None) if self.endpoints().aws => {}
            (role, _) => {
                let role_arn = role.unwrap_or(machine_role).clone();
                deviations.push(Deviation::RoleNotAssumed { role_arn });
            }
        }
        deviations.into()
    }

    /// What is not as on AWS when a map run reads its items from S3, or writes its results there.
    pub fn deviations_in_s3(&self, machine_role: &SmolStr) -> Box<[Deviation]> {
        let deviation = match self.endpoints().of("AWS_ENDPOINT_URL_S3") {
            Some(endpoint) => local("s3".into(), endpoint),
            None if self.endpoints().aws => None,
            None => return [Deviation::NotCalled { service: "s3".into() }].into(),
        };
        let role = Deviation::RoleNotAssumed { role_arn: machine_role.clone() };
        deviation.into_iter().chain([role]).collect()
    }

    /// Where the input of a model is fetched.
    fn input_from(&self, invocation: &Invocation) -> Option<Deviation> {
        let Invocation::Optimised { service, action, parameters, .. } = invocation else { return None };
        model_input::of(service, action, parameters)?;
        match self.endpoints().of("AWS_ENDPOINT_URL_S3") {
            Some(endpoint) => local("s3".into(), endpoint),
            None => (!self.endpoints().aws).then(|| Deviation::NotCalled { service: "s3".into() }),
        }
    }

    fn answerer(&self, namespace: &Namespace, invocation: &Invocation) -> Answerer {
        let at = |service: &str, endpoint: Option<&Endpoint>| match endpoint {
            // AWS is called when that is switched on, and not by addresses alone.
            Some(endpoint) if endpoint.is_at_aws() && !self.endpoints().aws => Answerer::Unknown(service.into()),
            Some(endpoint) => Answerer::At(service.into(), endpoint.clone()),
            None if self.endpoints().aws => Answerer::Aws,
            None => Answerer::Unknown(service.into()),
        };
        let owner = owner::of(invocation, namespace);
        let function = |name: &str, qualifier: Option<&str>| at("lambda", self.lambda().place(&owner, name, qualifier));
        let cluster = |endpoint: &str| Endpoint::parse(endpoint).map_or(Answerer::Nobody, |e| at("eks", Some(&e)));
        match invocation {
            Invocation::LambdaFunction { function_arn, .. } => function(function_arn, None),
            Invocation::LambdaInvoke(call) => function(&call.function_name, call.qualifier.as_deref()),
            Invocation::StartExecution { .. } => Answerer::Here,
            Invocation::HttpTask(task) => {
                let unknown = || Answerer::Unknown(task.api_endpoint.clone());
                self.http_tasks().deviations(task).map_or_else(unknown, Answerer::Api)
            }
            Invocation::ApiGateway(call) => {
                match api_gateway::place(call, self.endpoints().of(api_gateway::VARIABLE), self.endpoints().aws) {
                    Ok(Some(place)) => at("apigateway", Some(place.endpoint())),
                    Ok(None) => Answerer::Unknown("apigateway".into()),
                    Err(_) => Answerer::Nobody,
                }
            }
            Invocation::KubernetesCall(call) => cluster(&call.cluster.endpoint),
            Invocation::KubernetesJob(job) => cluster(&job.cluster.endpoint),
            Invocation::Optimised { service, action, .. } => match Optimised::find(service, action) {
                Some(found) => at(service, self.endpoints().of(&found.target.service.endpoint_variable())),
                None => Answerer::Nobody,
            },
            Invocation::AwsSdk { service, action, parameters } => {
                let text = |name: &str| parameters.get(name).and_then(Value::as_str);
                let container = (service == "lambda" && action == "invoke")
                    .then(|| self.lambda().container(&owner, text("FunctionName")?, text("Qualifier")))
                    .flatten();
                let endpoint = Target::find(service, action)
                    .and_then(|target| self.endpoints().of(&target.service.endpoint_variable()));
                match (container, endpoint) {
                    (Some(container), _) => at("lambda", Some(container.endpoint())),
                    (None, None) if service == "sfn" => Answerer::Here,
                    (None, endpoint) => at(service, endpoint),
                }
            }
        }
    }
}

/// The deviation of calling a service there, unless that is AWS.
fn local(service: SmolStr, endpoint: &Endpoint) -> Option<Deviation> {
    let is_aws = endpoint.scheme() == Scheme::Https && endpoint.is_at_aws();
    (!is_aws).then(|| Deviation::LocalEndpoint { service, url: endpoint.to_string().into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Endpoints};
    use crate::connections::Connections;
    use crate::honesty::Kind;
    use crate::interpreter::invocation::{BodyEncoding, HttpTask, LambdaInvoke, Pattern};

    /// The deviations of a call where these services have addresses, one in each line.
    fn told(endpoints: &[(&str, &str)], invocation: &Invocation, task_role: Option<&str>) -> Vec<String> {
        let endpoint = |url: &str| Endpoint::parse(url).expect("a URL");
        let of_services = endpoints.iter().map(|(name, url)| (format!("AWS_ENDPOINT_URL_{name}"), endpoint(url)));
        let lambda_endpoint = endpoints.iter().find(|(name, _)| *name == "LAMBDA").map(|(_, url)| endpoint(url));
        let endpoints = Endpoints { of_services: of_services.collect(), ..Endpoints::default() };
        let config = Config { endpoints, lambda_endpoint, ..Config::default() };
        let task_role = task_role.map(SmolStr::from);
        let found =
            Services::new(&config).deviations(&config.namespace, invocation, &"machine".into(), task_role.as_ref());
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_call_deviates_by_where_it_goes_and_whose_it_is() {
        let sdk = |service: &str, action: &str| Invocation::AwsSdk {
            service: service.into(),
            action: action.into(),
            parameters: Value::empty_object(),
        };
        let send = Invocation::Optimised {
            service: "sqs".into(),
            action: "sendMessage".into(),
            parameters: Value::empty_object(),
            pattern: Pattern::RequestResponse,
        };
        let invoke = Invocation::LambdaInvoke(LambdaInvoke { function_name: "f".into(), ..LambdaInvoke::default() });
        let start = Invocation::StartExecution { parameters: Value::Null, pattern: Pattern::Sync };
        let unchecked = |role: &str| format!("the role {role} is not assumed, so nobody knows whether it may do this");
        let at = |service: &str| format!("{service} is called at http://localhost:1, which is not AWS");
        let nowhere = |service: &str| Deviation::NotCalled { service: service.into() }.to_string();
        let here = "http://localhost:1";
        for (endpoints, invocation, role, expected) in [
            (
                &[("DYNAMODB", here)][..],
                sdk("dynamodb", "listTables"),
                None,
                vec![at("dynamodb"), unchecked("machine")],
            ),
            (
                &[("DYNAMODB", "https://dynamodb.us-east-1.amazonaws.com")],
                sdk("dynamodb", "listTables"),
                None,
                vec![nowhere("dynamodb")],
            ),
            (&[], sdk("dynamodb", "listTables"), None, vec![nowhere("dynamodb")]),
            (&[("SQS", here)], send.clone(), Some("task"), vec![at("sqs"), unchecked("task")]),
            (&[("SQS", here), ("STS", here)], send.clone(), Some("task"), vec![at("sqs"), at("sts")]),
            (&[("SQS", here), ("STS", here)], send, None, vec![at("sqs"), unchecked("machine")]),
            (&[("LAMBDA", here)], invoke.clone(), None, vec![at("lambda"), unchecked("machine")]),
            (&[], invoke, None, vec![nowhere("lambda")]),
            (&[], start, None, vec![unchecked("machine")]),
            (&[], sdk("sfn", "listActivities"), None, vec![unchecked("machine")]),
            (&[("SFN", here)], sdk("sfn", "listActivities"), None, vec![at("sfn"), unchecked("machine")]),
        ] {
            assert_eq!(told(endpoints, &invocation, role), expected, "{endpoints:?} {invocation:?}");
        }
    }

    #[test]
    fn an_http_task_deviates_by_its_connection() {
        let connection = r#"{"AuthorizationType":"BASIC",
            "AuthParameters":{"BasicAuthParameters":{"Username":"u","Password":"p"}}}"#;
        let file = format!(
            r#"{{"Connections":{{"c":{connection}}},"Endpoints":{{"https://here.example":"http://localhost:1"}}}}"#
        );
        let connections = Connections::parse(&file).expect("connections");
        let services = Services::new(&Config { connections: connections.into(), ..Config::default() });
        for (url, name, expected) in [
            ("https://api.example/a", "c", &[Kind::LocalConnection, Kind::RoleNotAssumed][..]),
            ("https://here.example/a", "c", &[Kind::LocalConnection, Kind::LocalEndpoint, Kind::RoleNotAssumed]),
            ("https://api.example/a", "other", &[Kind::NotCalled]),
        ] {
            let arn = format!("arn:aws:events:us-east-1:123456789012:connection/{name}/1");
            let invocation = Invocation::HttpTask(Box::new(HttpTask {
                api_endpoint: url.into(),
                method: "GET".into(),
                connection_arn: arn.into(),
                headers: Vec::new(),
                query: Vec::new(),
                body: None,
                encoding: BodyEncoding::Json,
                witness: None,
            }));
            let found = services.deviations(&Config::default().namespace, &invocation, &"r".into(), None);
            assert_eq!(found.iter().map(Deviation::kind).collect::<Vec<_>>(), expected, "{url} {name}");
        }
    }
}
