//! The input of `bedrock:invokeModel` that lies in S3: a parameter which Bedrock's API doesn't have.
//!
//! After AWS's developer guide ("Invoke and customize Amazon Bedrock models with Step Functions"): `Input` with an `S3Uri` stands
//! for `Body`, and one of them must be there. In which words AWS refuses what isn't so is a guess.

use super::parameters::Form;
use crate::failure::ParameterProblem;
use crate::json::{Object, Value};
use smol_str::SmolStr;

/// The parameters that the API doesn't have: where in S3 a model finds its input, and where it leaves its output.
const IN_S3: [&str; 2] = ["Input", "Output"];

/// The parameters that the API has.
pub(super) fn of_api(given: &Value, form: Form) -> Value {
    match given {
        Value::Object(members) => {
            let of_api = members.iter().filter(|(name, _)| !IN_S3.contains(&form.name(name).0));
            Value::object(of_api.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>())
        }
        _ => given.clone(),
    }
}

/// What is wrong with the input and the output.
pub(super) fn check(given: &Value, form: Form) -> Vec<ParameterProblem> {
    let Value::Object(members) = given else { return Vec::new() };
    let input = find(members, "Input", form);
    let mut problems = match (find(members, "Body", form), input) {
        (None, None) => vec![ParameterProblem::Required("Body".into())],
        (Some(_), Some(_)) => vec![ParameterProblem::SeveralOf(&["Body", "Input"])],
        _ => Vec::new(),
    };
    for (name, place) in IN_S3.iter().filter_map(|name| Some((*name, find(members, name, form)?))) {
        match place {
            Given::Later => {}
            Given::Value(Value::Object(place)) => problems.extend(wrong_with_place(place, form)),
            Given::Value(_) => problems.push(ParameterProblem::WrongFormat(name.into())),
        }
    }
    problems
}

/// A member: its value, or that it has none before the state runs.
#[derive(Clone, Copy)]
enum Given<'a> {
    Later,
    Value(&'a Value),
}

fn find<'a>(members: &'a Object, wanted: &str, form: Form) -> Option<Given<'a>> {
    members.iter().find_map(|(name, value)| match form.name(name) {
        (name, true) if name == wanted => Some(Given::Later),
        (name, false) if name == wanted && form.is_expression(value) => Some(Given::Later),
        (name, false) if name == wanted => Some(Given::Value(value)),
        _ => None,
    })
}

fn wrong_with_place(place: &Object, form: Form) -> Vec<ParameterProblem> {
    const URI: &str = "S3Uri";
    let names = place.iter().map(|(name, _)| form.name(name).0);
    let unknown = names.filter(|name| *name != URI).map(|name| ParameterProblem::NotSupported(name.into()));
    let uri = match find(place, URI, form) {
        None => Some(ParameterProblem::Required(URI.into())),
        Some(Given::Later) => None,
        Some(Given::Value(Value::String(uri))) if object_at(uri).is_some() => None,
        Some(Given::Value(Value::String(_))) => Some(ParameterProblem::WrongFormat(URI.into())),
        Some(Given::Value(_)) => Some(ParameterProblem::WrongType { field: URI.into(), wanted: "STRING" }),
    };
    uri.into_iter().chain(unknown).collect()
}

/// The bucket and the key in `s3://bucket/key`.
pub fn object_at(uri: &str) -> Option<(SmolStr, SmolStr)> {
    let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then(|| (bucket.into(), key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_model::optimised;

    #[test]
    fn a_model_has_its_input_from_one_place() {
        let call = optimised("bedrock", "invokeModel").expect("an action");
        let body = "The field 'Body' is required but was missing";
        let both = "There should only be one of the following fields: [Body, Input]";
        for (form, given, problems) in [
            (Form::Values, r#"{"ModelId":"m","Body":{}}"#, &[][..]),
            (Form::Values, r#"{"ModelId":"m","Body":null}"#, &[]),
            (Form::Values, r#"{"ModelId":"m","Input":{"S3Uri":"s3://b/k/l"}}"#, &[]),
            (Form::JsonPath, r#"{"ModelId":"m","Input":{"S3Uri.$":"$.u"},"Accept.$":"$.a"}"#, &[]),
            (Form::JsonPath, r#"{"ModelId":"m","Input.$":"$.i"}"#, &[]),
            (Form::Jsonata, r#"{"ModelId":"m","Input":{"S3Uri":"{% $u %}"}}"#, &[]),
            (Form::Jsonata, r#"{"ModelId":"m","Input":"{% $i %}"}"#, &[]),
            (Form::Values, r#"{"ModelId":"m"}"#, &[body]),
            (Form::Values, r#"{"ModelId":"m","Body":1,"Input":{"S3Uri":"s3://b/k"}}"#, &[both]),
            (
                Form::Values,
                r#"{"ModelId":"m","Input":null}"#,
                &["The value of the field 'Input' has an invalid format"],
            ),
            (
                Form::Values,
                r#"{"ModelId":"m","Input":{"Uri":"s3://b/k"}}"#,
                &[
                    "The field 'S3Uri' is required but was missing",
                    "The field \"Uri\" is not supported by Step Functions",
                ],
            ),
            (
                Form::Values,
                r#"{"ModelId":"m","Input":{"S3Uri":7}}"#,
                &["The value for the field 'S3Uri' must be a STRING"],
            ),
            (
                Form::Values,
                r#"{"ModelId":"m","Input":{"S3Uri":"s3://b"},"Prompt":"p"}"#,
                &[
                    "The field \"Prompt\" is not supported by Step Functions",
                    "The value of the field 'S3Uri' has an invalid format",
                ],
            ),
            (
                Form::Values,
                r#"{"ModelId":"m","Body":{},"Output":{"S3Uri":"b/k"}}"#,
                &["The value of the field 'S3Uri' has an invalid format"],
            ),
        ] {
            let given = Value::parse(given).expect("valid JSON");
            let told: Vec<String> = call.check(&given, form).iter().map(ToString::to_string).collect();
            assert_eq!(told, problems, "{}", given.to_text());
        }
    }
}
