//! The configuration file: a JSON object with the names of flags, read as if variables said the same.

use super::Refusal;
use crate::json::{ParseError, Value};
use crate::service_model;

/// A setting of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The variable that means the same.
    pub variable: String,
    /// Its value.
    pub value: String,
    /// The file and the place in it.
    pub place: String,
}

/// What a flag's variable is called. `endpoints` and `lambda-functions` have members of their own.
const VARIABLES: [(&str, &str); 25] = [
    ("host", "STEPWELL_HOST"),
    ("port", "STEPWELL_PORT"),
    ("aws-account", "AWS_ACCOUNT_ID"),
    ("aws-region", "AWS_DEFAULT_REGION"),
    ("wait-time-scale", "WAIT_TIME_SCALE"),
    ("aws", "STEPWELL_AWS"),
    ("endpoint", "AWS_ENDPOINT_URL"),
    ("lambda-endpoint", "LAMBDA_ENDPOINT"),
    ("cloudwatch-logs-endpoint", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
    ("batch-endpoint", "BATCH_ENDPOINT"),
    ("dynamodb-endpoint", "DYNAMODB_ENDPOINT"),
    ("ecs-endpoint", "ECS_ENDPOINT"),
    ("glue-endpoint", "GLUE_ENDPOINT"),
    ("sagemaker-endpoint", "SAGE_MAKER_ENDPOINT"),
    ("sqs-endpoint", "SQS_ENDPOINT"),
    ("sns-endpoint", "SNS_ENDPOINT"),
    ("step-functions-endpoint", "STEP_FUNCTIONS_ENDPOINT"),
    ("execution-log", "STEPWELL_EXECUTION_LOG"),
    ("mock-config", "SFN_MOCK_CONFIG"),
    ("connections", "STEPWELL_CONNECTIONS"),
    ("log", "STEPWELL_LOG"),
    ("log-format", "STEPWELL_LOG_FORMAT"),
    ("ca-bundle", "AWS_CA_BUNDLE"),
    ("strict", "STEPWELL_STRICT"),
    ("allow", "STEPWELL_ALLOW"),
];

/// Reads the text of the file with this name.
pub(super) fn entries(file: &str, text: &str) -> Result<Vec<Entry>, Refusal> {
    let refuse =
        |place: &str, problem: &str| Refusal::File { file: file.to_owned(), problem: format!("{place}{problem}") };
    let unreadable = |error: ParseError| refuse("", &format!("line {}, column {}: {error}", error.line, error.column));
    let document = Value::parse_file(text).map_err(unreadable)?;
    let Some(members) = document.as_object() else { return Err(refuse("", "is not a JSON object")) };
    let mut entries = Vec::new();
    for (key, value) in members.iter() {
        let place = |member: &str| format!("{file}: {key}{member}");
        let inner = || value.as_object().ok_or_else(|| refuse(key, " is not an object"));
        match (key.as_str(), VARIABLES.iter().find(|(flag, _)| flag == key)) {
            (_, Some((_, variable))) => {
                let value = text_of(value).ok_or_else(|| refuse(key, " is not a text, a number, true or false"))?;
                entries.push(Entry { variable: (*variable).to_owned(), value, place: place("") });
            }
            ("endpoints", _) => {
                for (name, url) in inner()?.iter() {
                    let service = service_model::find(name);
                    let service =
                        service.ok_or_else(|| refuse(key, &format!(".{name} is not a service of aws-sdk:")))?;
                    let url = url.as_str().ok_or_else(|| refuse(key, &format!(".{name} is not a text")))?;
                    let (variable, place) = (service.endpoint_variable(), place(&format!(".{name}")));
                    entries.push(Entry { variable, value: url.to_owned(), place });
                }
            }
            ("lambda-functions", _) => {
                for (name, url) in inner()?.iter() {
                    let url = url.as_str().ok_or_else(|| refuse(key, &format!(".{name} is not a text")))?;
                    let variable = super::LAMBDA_FUNCTIONS.to_owned();
                    entries.push(Entry { variable, value: format!("{name}={url}"), place: place(&format!(".{name}")) });
                }
            }
            _ => return Err(refuse(key, " is not the name of a setting")),
        }
    }
    Ok(entries)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_compact_text()),
        _ => None,
    }
}
