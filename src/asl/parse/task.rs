//! Task states.

use super::jsonata::Stage;
use super::read::Node;
use super::{MachineType, Parser};
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::graph::Graph;
use crate::asl::http_task::http_invoke_problems;
use crate::asl::location::Location;
use crate::asl::program::{Computed, Resource, Seconds, StateKind, Task};
use crate::asl::resource::{
    self, API_GATEWAY_INVOKE_MEMBERS, EKS_CALL_MEMBERS, EKS_RUN_JOB_MEMBERS, Integration, Known, LAMBDA_INVOKE_MEMBERS,
    Pattern,
};
use crate::failure::ParameterProblem;
use crate::json::{Object, Value};
use crate::service_model::Form;
use smol_str::SmolStr;

/// What is given to a service in a definition.
struct GivenMembers<'a> {
    members: &'a Object,
    language: QueryLanguage,
}

/// Where in S3 a model leaves its answer. The guide says that "a reference" to that is the result then, and not what it looks
/// like, so that no path into it could be trusted.
const INVOKE_MODEL_OUTPUT: &str = "Output of bedrock:invokeModel";

impl GivenMembers<'_> {
    /// Their names, without the mark that says that the value is yet to come.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| match self.language {
            QueryLanguage::JsonPath => name.strip_suffix(".$").unwrap_or(name),
            QueryLanguage::Jsonata => name.as_str(),
        })
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|given| given == name)
    }
}

impl Parser {
    pub fn task(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        self.required(node, &["Resource"]);
        let resource = self.resource(node);
        let credentials = self.credentials(node, resource.as_ref());
        let parameters = self.computed(node, "Parameters", "Arguments", Stage::Input);
        let timeout = self.seconds(node, &["TimeoutSeconds", "TimeoutSecondsPath"]);
        let heartbeat = self.seconds(node, &["HeartbeatSeconds", "HeartbeatSecondsPath"]);
        if let (Some(Seconds::Literal(timeout)), Some(Seconds::Literal(heartbeat))) = (&timeout, &heartbeat)
            && heartbeat >= timeout
        {
            self.report(Problem::HeartbeatNotBelowTimeout, &node.at.member("HeartbeatSeconds"));
        }
        let result = self.result_fields(node, graph);
        let transition = self.transition(node, graph);
        Some(StateKind::Task(Task {
            resource: resource?,
            parameters,
            credentials,
            timeout,
            heartbeat,
            result: result?,
            transition: transition?,
        }))
    }

    fn resource(&mut self, node: Node<'_>) -> Option<Resource> {
        let text = self.string(node, "Resource")?;
        let at = node.at.member("Resource");
        let known = match resource::recognize(text) {
            Ok(known) => known,
            Err(problem) => {
                self.report(problem, &at);
                return None;
            }
        };
        if self.kind == MachineType::Express {
            let problem = match &known {
                Known { resource: Resource::Activity(_), .. } => Some(Problem::ActivityInExpress),
                Known { pattern: Pattern::Sync | Pattern::Sync2, .. } => Some(Problem::SyncInExpress),
                Known { pattern: Pattern::TaskToken, .. } => Some(Problem::TaskTokenInExpress),
                _ => None,
            };
            if let Some(problem) = problem {
                self.report(problem, &at);
            }
        }
        if let Resource::Integration(integration) = &known.resource {
            self.parameters(node, text, integration);
        }
        self.note_resource(text, &known);
        Some(known.resource)
    }

    /// What a service is given: all that it needs, and nothing that it doesn't know.
    fn parameters(&mut self, node: Node<'_>, resource: &SmolStr, integration: &Integration) {
        let (field, form) = match node.language {
            QueryLanguage::JsonPath => ("Parameters", Form::JsonPath),
            QueryLanguage::Jsonata => ("Arguments", Form::Jsonata),
        };
        let Some(value) = node.get(field) else {
            return self.report(Problem::ArgumentsMissing { field, resource: resource.clone() }, node.at);
        };
        if node.is_expression(value) {
            return;
        }
        let at = node.at.member(field);
        let Some(members) = value.as_object() else {
            return self.report(Problem::WrongType("Object"), &at);
        };
        let given = GivenMembers { members, language: node.language };
        match (integration.service.as_str(), integration.call()) {
            ("lambda", _) => self.members(&given, &["FunctionName"], &LAMBDA_INVOKE_MEMBERS, &at),
            ("apigateway", _) => {
                self.members(&given, &["ApiEndpoint", "Method"], &API_GATEWAY_INVOKE_MEMBERS, &at);
                self.headers(members, &at);
            }
            ("eks", None) if integration.action == "call" => {
                self.members(&given, &EKS_CALL_MEMBERS[..5], &EKS_CALL_MEMBERS, &at);
            }
            ("eks", None) => self.members(&given, &EKS_RUN_JOB_MEMBERS[..4], &EKS_RUN_JOB_MEMBERS, &at),
            ("http", _) => {
                for problem in http_invoke_problems(value, form) {
                    self.report(Problem::Parameter(problem), &at);
                }
            }
            (_, Some(call)) => {
                if call.service.name == "bedrockruntime" && integration.aws_sdk().is_none() && given.has("Output") {
                    self.not_yet(INVOKE_MODEL_OUTPUT, &at);
                }
                // That AWS asks for them in calls of `aws-sdk` has not been seen; the service does.
                if integration.aws_sdk().is_none() {
                    for name in call.missing(value, form) {
                        self.report(Problem::MemberMissing(name), &at);
                    }
                }
                for problem in call.check(value, form) {
                    match problem {
                        ParameterProblem::OnlyOfSdk(field) => {
                            self.not_yet(format!("the field {field} of AWS's SDK for Java"), &at);
                        }
                        problem => self.report(Problem::Parameter(problem), &at),
                    }
                }
            }
            (_, None) => {}
        }
    }

    fn members(&mut self, given: &GivenMembers<'_>, required: &[&str], known: &[&str], at: &Location<'_>) {
        for name in required.iter().filter(|name| !given.has(name)) {
            self.report(Problem::MemberMissing((*name).into()), at);
        }
        for name in given.names().filter(|name| !known.contains(name)) {
            self.report(Problem::MemberNotSupported(name.into()), at);
        }
    }

    /// Headers that API Gateway's own requests have.
    fn headers(&mut self, members: &Object, at: &Location<'_>) {
        let headers = members.get("Headers").and_then(Value::as_object);
        let names = headers.into_iter().flat_map(Object::iter).map(|(name, _)| name.strip_suffix(".$").unwrap_or(name));
        let refused: Vec<String> =
            names.filter(|name| resource::is_reserved_header(name)).map(str::to_ascii_lowercase).collect();
        if !refused.is_empty() {
            self.report(Problem::Parameter(ParameterProblem::Unsupported { field: "Headers", values: refused }), at);
        }
    }

    /// `Credentials`: an object with a `RoleArn`. Recorded: without that AWS has nothing to say of other members; that it
    /// has nothing to say of them beside a `RoleArn` either is a guess, as is what it says of a role that is no text.
    fn credentials(&mut self, node: Node<'_>, resource: Option<&Resource>) -> Option<Computed> {
        const FIELD: &str = "Credentials";
        let value = node.get(FIELD)?;
        let at = node.at.member(FIELD);
        if matches!(resource, Some(Resource::Activity(_))) {
            self.report(Problem::CredentialsOnActivity, &at);
            return None;
        }
        let literal = value.get("RoleArn");
        let is_computed = match node.language {
            QueryLanguage::JsonPath => value.get("RoleArn.$").is_some(),
            QueryLanguage::Jsonata => node.is_expression(value),
        };
        match literal {
            None if !is_computed => {
                self.report(Problem::MemberMissing("RoleArn".into()), &at);
                return None;
            }
            Some(role) if role.as_str().is_none() => {
                self.report(Problem::WrongType("String"), &at.member("RoleArn"));
                return None;
            }
            _ => {}
        }
        self.computed(node, FIELD, FIELD, Stage::Input)
    }

    /// `TimeoutSeconds` or `TimeoutSecondsPath`
    fn seconds(&mut self, node: Node<'_>, fields: &'static [&'static str; 2]) -> Option<Seconds> {
        self.at_most_one(node, fields);
        let [literal, path] = *fields;
        let seconds = self.unless_expression(node, literal, |p| p.integer(node, literal, 1, 99_999_999));
        let seconds = seconds.map(|n| Seconds::Literal(n as u64));
        let jsonata = self.jsonata_field(node, literal).map(Seconds::Jsonata);
        let path = self.path(node, path).map(Seconds::Path);
        seconds.or(jsonata).or(path)
    }
}
