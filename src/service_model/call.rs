//! Operations with the names that members have for who calls them. The actions of EMR differ from its API: they take one thing
//! where that takes lists, and names where it takes identifiers.
//!
//! Documented in AWS's developer guide ("Create and manage Amazon EMR clusters with Step Functions").

use super::mock::{self, Mode, Violation};
use super::model_input;
use super::parameters::{self, Form};
use super::{Member, Operation, Service, ShapeId};
use crate::failure::ParameterProblem;
use crate::json::Value;
use smol_str::SmolStr;

/// An operation with the names that its parameters and its result have for who calls it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// What is called.
    pub service: &'static Service,
    /// What of it.
    pub operation: &'static Operation,
    names: Option<&'static Names>,
    /// Whether its input may lie in S3.
    has_input_in_s3: bool,
}

/// How an action calls members of its operation.
#[derive(Debug)]
struct Names {
    action: &'static str,
    parameters: &'static [Name],
    result: &'static [Name],
    /// Parameters that the action doesn't take, perhaps inside another one, with a dot between.
    refused: &'static [&'static str],
    /// A member that must be true, inside another one.
    always: Option<(&'static str, &'static str)>,
    /// What is looked up by a name that the API doesn't have.
    lookup: Option<Lookup>,
}

/// A member under another name.
#[derive(Debug)]
struct Name {
    shown: &'static str,
    api: &'static str,
    /// Whether it is the only item of a list of the API.
    alone: bool,
}

/// How an identifier is found by a name.
#[derive(Clone, Copy, Debug)]
pub struct Lookup {
    /// The parameter with the name: `InstanceFleetName`.
    pub name: &'static str,
    /// The action that lists what there is, given the cluster.
    pub list: &'static str,
    /// The member of its answer: `InstanceFleets`.
    pub items: &'static str,
    /// The parameter that wants the identifier, and the member of it that does.
    pub wanted: (&'static str, &'static str),
}

const fn renamed(shown: &'static str, api: &'static str) -> Name {
    Name { shown, api, alone: false }
}

const fn alone(shown: &'static str, api: &'static str) -> Name {
    Name { shown, api, alone: true }
}

const fn names(action: &'static str, parameters: &'static [Name]) -> Names {
    Names { action, parameters, result: &[], refused: &[], always: None, lookup: None }
}

const NAMES: &[Names] = &[
    Names {
        result: &[renamed("ClusterId", "JobFlowId")],
        refused: &["Steps"],
        always: Some(("Instances", "KeepJobFlowAliveWhenNoSteps")),
        ..names("createCluster", &[])
    },
    names("terminateCluster", &[alone("ClusterId", "JobFlowIds")]),
    names("setClusterTerminationProtection", &[alone("ClusterId", "JobFlowIds")]),
    Names {
        result: &[alone("StepId", "StepIds")],
        ..names("addStep", &[renamed("ClusterId", "JobFlowId"), alone("Step", "Steps")])
    },
    Names {
        result: &[alone("CancelStepsInfo", "CancelStepsInfoList")],
        ..names("cancelStep", &[alone("StepId", "StepIds")])
    },
    Names {
        refused: &["InstanceFleet.InstanceFleetId"],
        lookup: Some(Lookup {
            name: "InstanceFleetName",
            list: "listInstanceFleets",
            items: "InstanceFleets",
            wanted: ("InstanceFleet", "InstanceFleetId"),
        }),
        ..names("modifyInstanceFleetByName", &[])
    },
    Names {
        refused: &["InstanceGroup.InstanceGroupId"],
        lookup: Some(Lookup {
            name: "InstanceGroupName",
            list: "listInstanceGroups",
            items: "InstanceGroups",
            wanted: ("InstanceGroup", "InstanceGroupId"),
        }),
        ..names("modifyInstanceGroupByName", &[alone("InstanceGroup", "InstanceGroups")])
    },
];

/// A member as who calls sees it.
pub(super) struct Seen {
    pub name: SmolStr,
    /// Its shape; nothing of what the API doesn't have, which is a text.
    pub shape: Option<ShapeId>,
    pub required: bool,
    /// Any JSON, which is sent as text.
    pub json_value: bool,
}

impl Seen {
    /// A member by the name that it has without an action of its own.
    pub(super) fn of(member: &Member) -> Seen {
        Seen {
            name: member.public_name(),
            shape: Some(member.shape),
            required: member.required && !member.idempotency_token,
            json_value: member.json_value,
        }
    }
}

impl Call {
    /// The call of an operation by the names of its API.
    pub fn of(service: &'static Service, operation: &'static Operation) -> Call {
        Call { service, operation, names: None, has_input_in_s3: false }
    }

    /// The call of EMR's operation by this action.
    pub(super) fn of_emr(service: &'static Service, operation: &'static Operation, action: &str) -> Call {
        Call { names: NAMES.iter().find(|names| names.action == action), ..Call::of(service, operation) }
    }

    /// The call of Bedrock's operation that invokes a model.
    pub(super) fn of_model(service: &'static Service, operation: &'static Operation) -> Call {
        Call { has_input_in_s3: true, ..Call::of(service, operation) }
    }

    /// What is wrong with its parameters, nothing if they can be sent.
    pub fn check(&self, given: &Value, form: Form) -> Vec<ParameterProblem> {
        if self.has_input_in_s3 {
            let of_api = Call::of(self.service, self.operation).check(&model_input::of_api(given, form), form);
            return of_api.into_iter().chain(model_input::check(given, form)).collect();
        }
        let mut problems = parameters::check(self.service, &self.parameters(), given, form);
        for inside in self.names.iter().flat_map(|names| names.refused).filter_map(|path| path.split_once('.')) {
            let (outer, inner) = inside;
            let has = |name: &SmolStr| form.name(name).0 == inner;
            if given.get(outer).and_then(Value::as_object).is_some_and(|members| members.iter().any(|(n, _)| has(n))) {
                problems.push(ParameterProblem::NotSupported(inner.into()));
            }
        }
        problems.extend(self.names.and_then(|names| names.always).and_then(|path| not_true(given, path, form)));
        problems
    }

    /// The parameters that it must have and hasn't.
    pub fn missing(&self, given: &Value, form: Form) -> Vec<SmolStr> {
        parameters::missing(&self.parameters(), given, form)
    }

    /// What is wrong with a value that is to stand for its result.
    pub fn check_result(&self, result: &Value, mode: Mode) -> Vec<Violation> {
        let names = self.names.map_or(&[][..], |names| names.result);
        match self.operation.output {
            None => Vec::new(),
            output => mock::check(self.service, &self.seen(output, names), result, mode),
        }
    }

    /// What has to be looked up before it.
    pub fn lookup(&self) -> Option<Lookup> {
        self.names?.lookup
    }

    fn parameters(&self) -> Vec<Seen> {
        let mut seen = self.seen(self.operation.input, self.names.map_or(&[][..], |names| names.parameters));
        if let Some(names) = self.names {
            seen.retain(|member| !names.refused.contains(&member.name.as_str()));
            for member in &mut seen {
                // The API doesn't ask for all that it can't do without.
                let is_renamed = names.parameters.iter().any(|name| name.shown == member.name);
                member.required |= is_renamed || names.lookup.is_some() && member.name == "ClusterId";
            }
            let by_name = names.lookup.map(|lookup| SmolStr::new_static(lookup.name));
            seen.extend(by_name.map(|name| Seen { name, shape: None, required: true, json_value: false }));
        }
        seen
    }

    fn seen(&self, shape: Option<ShapeId>, names: &[Name]) -> Vec<Seen> {
        let members = shape.map_or(&[][..], |shape| self.service.members(shape)).iter();
        members
            .map(|member| {
                let seen = Seen::of(member);
                match names.iter().find(|renamed| renamed.api == seen.name) {
                    None => seen,
                    Some(Name { shown, alone, .. }) => {
                        let shape = if *alone { self.service.item(member.shape) } else { seen.shape };
                        Seen { name: SmolStr::new_static(shown), shape, ..seen }
                    }
                }
            })
            .collect()
    }

    /// The parameters as the API takes them; what was looked up or fetched is in its place already.
    pub fn to_api(&self, given: &Value) -> Value {
        if self.has_input_in_s3 {
            return model_input::of_api(given, Form::Values);
        }
        let (Some(names), Value::Object(members)) = (self.names, given) else { return given.clone() };
        let looked_up = names.lookup.map(|lookup| lookup.name);
        let sent =
            members.iter().filter(|(name, _)| Some(name.as_str()) != looked_up).map(|(name, value)| {
                match names.parameters.iter().find(|renamed| renamed.shown == name) {
                    Some(Name { api, alone: true, .. }) => (SmolStr::new_static(api), Value::array([value.clone()])),
                    Some(Name { api, .. }) => (SmolStr::new_static(api), value.clone()),
                    None => (name.clone(), value.clone()),
                }
            });
        Value::object(sent.collect::<Vec<_>>())
    }

    /// The result as who called sees it. Documented: of what has another name, nothing else is there.
    pub fn from_api(&self, result: &Value) -> Value {
        let Some(names) = self.names.filter(|names| !names.result.is_empty()) else { return result.clone() };
        let shown = names.result.iter().filter_map(|name| {
            let value = result.get(name.api)?;
            let value = if name.alone { value.as_array()?.first()? } else { value };
            Some((SmolStr::new_static(name.shown), value.clone()))
        });
        Value::object(shown.collect::<Vec<_>>())
    }
}

/// What is wrong with a member that must be there and true. That it must is documented; the words are a guess.
fn not_true(given: &Value, (outer, inner): (&str, &str), form: Form) -> Option<ParameterProblem> {
    let members = given.get(outer)?.as_object()?;
    match members.iter().find(|(name, _)| form.name(name).0 == inner) {
        None => Some(ParameterProblem::Required(inner.into())),
        Some((_, Value::Bool(false))) => Some(ParameterProblem::WrongFormat(inner.into())),
        // Of what is no boolean, or will be one, others speak.
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_model::optimised;

    fn call(action: &str) -> Call {
        optimised("elasticmapreduce", action).expect("an action")
    }

    fn value(text: &str) -> Value {
        Value::parse(text).expect("valid JSON")
    }

    #[test]
    fn every_name_of_the_api_is_one_of_its_operation() {
        for names in NAMES {
            let call = call(names.action);
            let has = |shape: Option<ShapeId>, name: &str| {
                let members = shape.map_or(&[][..], |shape| call.service.members(shape));
                members.iter().any(|member| member.public_name() == name)
            };
            assert!(names.parameters.iter().all(|name| has(call.operation.input, name.api)), "{}", names.action);
            assert!(names.result.iter().all(|name| has(call.operation.output, name.api)), "{}", names.action);
            if let Some(lookup) = names.lookup {
                let list = call.service.action(lookup.list).expect("an operation");
                assert!(has(list.output, lookup.items), "{}", names.action);
            }
        }
    }

    #[test]
    fn what_is_given_is_sent_as_the_api_takes_it() {
        for (action, given, sent) in [
            ("createCluster", r#"{"Name":"n"}"#, r#"{"Name":"n"}"#),
            ("terminateCluster", r#"{"ClusterId":"j"}"#, r#"{"JobFlowIds":["j"]}"#),
            (
                "setClusterTerminationProtection",
                r#"{"ClusterId":"j","TerminationProtected":true}"#,
                r#"{"JobFlowIds":["j"],"TerminationProtected":true}"#,
            ),
            ("addStep", r#"{"ClusterId":"j","Step":{"Name":"s"}}"#, r#"{"JobFlowId":"j","Steps":[{"Name":"s"}]}"#),
            ("cancelStep", r#"{"ClusterId":"j","StepId":"s"}"#, r#"{"ClusterId":"j","StepIds":["s"]}"#),
            (
                "modifyInstanceFleetByName",
                r#"{"ClusterId":"j","InstanceFleetName":"f","InstanceFleet":{"InstanceFleetId":"i"}}"#,
                r#"{"ClusterId":"j","InstanceFleet":{"InstanceFleetId":"i"}}"#,
            ),
            (
                "modifyInstanceGroupByName",
                r#"{"ClusterId":"j","InstanceGroupName":"g","InstanceGroup":{"InstanceCount":8}}"#,
                r#"{"ClusterId":"j","InstanceGroups":[{"InstanceCount":8}]}"#,
            ),
        ] {
            assert_eq!(call(action).to_api(&value(given)).to_text(), sent);
        }
        for (action, result, shown) in [
            ("createCluster", r#"{"JobFlowId":"j","ClusterArn":"a"}"#, r#"{"ClusterId":"j"}"#),
            ("addStep", r#"{"StepIds":["s"]}"#, r#"{"StepId":"s"}"#),
            (
                "cancelStep",
                r#"{"CancelStepsInfoList":[{"StepId":"s","Status":"SUBMITTED"}]}"#,
                r#"{"CancelStepsInfo":{"StepId":"s","Status":"SUBMITTED"}}"#,
            ),
            ("terminateCluster", "{}", "{}"),
        ] {
            assert_eq!(call(action).from_api(&value(result)).to_text(), shown);
        }
    }

    #[test]
    fn parameters_and_results_are_looked_at_by_their_names_here() {
        for (action, given, problems) in [
            ("addStep", r#"{"ClusterId":"j","Step":{"Name":"n","HadoopJarStep":{"Jar":"j"}}}"#, &[][..]),
            (
                "addStep",
                r#"{"JobFlowId":"j","Steps":[]}"#,
                &[
                    "missing ClusterId",
                    "missing Step",
                    "The field \"JobFlowId\" is not supported by Step Functions",
                    "The field \"Steps\" is not supported by Step Functions",
                ],
            ),
            ("addStep", r#"{"ClusterId":"j","Step":[]}"#, &["The value of the field 'Step' has an invalid format"]),
            ("terminateCluster", "{}", &["missing ClusterId"]),
            (
                "createCluster",
                r#"{"Name":"n","Instances":{},"Steps":[]}"#,
                &[
                    "The field \"Steps\" is not supported by Step Functions",
                    "The field 'KeepJobFlowAliveWhenNoSteps' is required but was missing",
                ],
            ),
            (
                "createCluster",
                r#"{"Name":"n","Instances":{"KeepJobFlowAliveWhenNoSteps":false}}"#,
                &["The value of the field 'KeepJobFlowAliveWhenNoSteps' has an invalid format"],
            ),
            ("createCluster", r#"{"Name":"n","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#, &[]),
            (
                "modifyInstanceGroupByName",
                r#"{"InstanceGroupName":7,"InstanceGroup":{"InstanceGroupId":"i"}}"#,
                &[
                    "missing ClusterId",
                    "The value for the field 'InstanceGroupName' must be a STRING",
                    "The field \"InstanceGroupId\" is not supported by Step Functions",
                ],
            ),
            (
                "modifyInstanceFleetByName",
                "{}",
                &["missing ClusterId", "missing InstanceFleet", "missing InstanceFleetName"],
            ),
        ] {
            let (call, given) = (call(action), value(given));
            let missing = call.missing(&given, Form::Values).into_iter().map(|name| format!("missing {name}"));
            let wrong = call.check(&given, Form::Values).into_iter().map(|problem| problem.to_string());
            assert_eq!(missing.chain(wrong).collect::<Vec<_>>(), problems, "{action}");
        }
        let wrong = |action: &str, result: &str| {
            let violations = call(action).check_result(&value(result), Mode::Strict);
            violations.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(wrong("addStep", r#"{"StepId":"s"}"#), [""; 0]);
        assert_eq!(wrong("addStep", r#"{"StepId":["s"]}"#), ["Field 'StepId' must be a string"]);
        assert_eq!(wrong("createCluster", r#"{"ClusterId":1}"#), ["Field 'ClusterId' must be a string"]);
        assert_eq!(wrong("createCluster", "[]"), ["Field 'Result' must be an object"]);
    }
}
