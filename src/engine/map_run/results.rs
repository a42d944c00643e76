//! What the child executions of a map run came to: the result of its Map state, and the files that a ResultWriter writes.
//! Data in, data out.
//!
//! Source: AWS's page "ResultWriter (Map)" and recordings. Not shown anywhere: the members of those that failed, beside the
//! ones that all have; those of children that have not begun, of which there are as few as are known; and where files lie
//! without a `Prefix`.

use super::super::executions::Entry;
use super::ChildStatus;
use crate::asl::program::{ResultForm, Transformation};
use crate::failure::Failure;
use crate::interpreter::Outcome;
use crate::json::Value;
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, format_smolstr};

/// What is known of a child.
pub struct Record {
    status: ChildStatus,
    /// Only of one that has succeeded.
    output: Option<Value>,
    /// All that is known, as Transformation `NONE` shows it.
    whole: Value,
}

impl Record {
    /// That of a child, which has begun if there is an entry.
    pub fn of(input: &Value, status: ChildStatus, entry: Option<&Entry>, now: Timestamp) -> Record {
        let text = |value: &Value| Value::from(value.to_text());
        let included = || Value::object([("Included", Value::from(true))]);
        let mut members = vec![("Input", text(input)), ("InputDetails", included())];
        let Some(entry) = entry else {
            members.push(("Status", status_name(status).into()));
            return Record { status, output: None, whole: Value::object(members) };
        };
        let state = entry.lock();
        let (execution, identity) = (&state.execution, state.execution.identity());
        let (outcome, stopped) = execution.end().map(|(outcome, at)| (outcome, *at)).unzip();
        let told = match outcome {
            Some(Outcome::Failed(told) | Outcome::Aborted(told)) => told.clone(),
            _ => Default::default(),
        };
        let output = match outcome {
            Some(Outcome::Succeeded(output)) => Some(output.clone()),
            _ => None,
        };
        members.push(("ExecutionArn", identity.arn.clone().into()));
        members.extend(told.error.map(|error| ("Error", error.into())));
        members.extend(told.cause.map(|cause| ("Cause", cause.into())));
        members.push(("Name", identity.name.clone().into()));
        if let Some(output) = &output {
            members.extend([("Output", text(output)), ("OutputDetails", included())]);
        }
        let redrives = execution.redrive().map_or(0, |redrive| i64::from(redrive.count));
        members.push(("RedriveCount", redrives.into()));
        members.extend(match (outcome, execution.redrive_obstacle(now)) {
            (Some(_), Some(obstacle)) => vec![
                ("RedriveStatus", Value::from("NOT_REDRIVABLE")),
                ("RedriveStatusReason", obstacle.sentence().into()),
            ],
            (Some(_), None) => vec![("RedriveStatus", "REDRIVABLE_BY_MAP_RUN".into())],
            (None, _) => Vec::new(),
        });
        members.push(("StartDate", identity.start_date.to_string().into()));
        members.push(("StateMachineArn", identity.machine_arn.clone().into()));
        members.push(("Status", status_name(status).into()));
        members.extend(stopped.map(|at| ("StopDate", at.to_string().into())));
        members.sort_by_key(|(name, _)| *name);
        Record { status, output, whole: Value::object(members) }
    }

    /// In a form: a child that did not succeed is always shown whole.
    fn shown(&self, transformation: Transformation) -> Vec<Value> {
        match (&self.output, transformation) {
            (None, _) | (_, Transformation::None) => vec![self.whole.clone()],
            (Some(output), Transformation::Compact) => vec![output.clone()],
            (Some(output), Transformation::Flatten) => match output.as_array() {
                Some(items) => items.to_vec(),
                None => vec![output.clone()],
            },
        }
    }
}

fn status_name(status: ChildStatus) -> &'static str {
    match status {
        ChildStatus::Pending => "PENDING",
        ChildStatus::PendingRedrive => "PENDING_REDRIVE",
        ChildStatus::Running => "RUNNING",
        ChildStatus::Succeeded => "SUCCEEDED",
        ChildStatus::Failed => "FAILED",
        ChildStatus::TimedOut => "TIMED_OUT",
        ChildStatus::Aborted => "ABORTED",
    }
}

/// The result of a Map state whose results aren't written.
pub fn result(form: ResultForm, records: &[Record]) -> Value {
    let transformation = form.transformation.unwrap_or(Transformation::Compact);
    let shown: Vec<Value> = records.iter().flat_map(|record| record.shown(transformation)).collect();
    Value::array_of_documents(shown)
}

/// The place that results are written to.
pub struct Place {
    /// `Bucket`
    pub bucket: SmolStr,
    /// `<Prefix>/<the uuid of the map run>`
    folder: SmolStr,
}

impl Place {
    /// That which a ResultWriter names. That other types than texts fail the state with this error is a guess.
    pub fn of(parameters: &Value, map_run_arn: &str) -> Result<Place, Failure> {
        let text = |name: &'static str| match parameters.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(refused(format!("The field {name} of the ResultWriter must be a string"))),
        };
        let bucket = text("Bucket")?.ok_or_else(|| refused("The ResultWriter has no Bucket"))?;
        let id = map_run_arn.rsplit(':').next().unwrap_or_default();
        let folder = match text("Prefix")?.as_deref().map(|prefix| prefix.trim_end_matches('/')) {
            None | Some("") => id.into(),
            Some(prefix) => format_smolstr!("{prefix}/{id}"),
        };
        Ok(Place { bucket, folder })
    }

    /// The result of the Map state.
    pub fn result(&self, map_run_arn: &SmolStr) -> Value {
        let details =
            [("Bucket", self.bucket.clone().into()), ("Key", Value::from(format!("{}/manifest.json", self.folder)))];
        Value::object([("MapRunArn", map_run_arn.clone().into()), ("ResultWriterDetails", Value::object(details))])
    }
}

/// The failure of a Map state whose results can't be written.
pub fn refused(cause: impl Into<SmolStr>) -> Failure {
    Failure::reported("States.ResultWriterFailed", cause)
}

/// A file of results.
pub struct File {
    /// Its key in the bucket.
    pub key: SmolStr,
    /// What is in it.
    pub content: String,
}

/// The files, the manifest last. No file becomes so large that AWS would have written two.
pub fn files(place: &Place, form: ResultForm, records: &[Record], map_run_arn: &SmolStr) -> Vec<File> {
    let transformation = form.transformation.unwrap_or(Transformation::None);
    let mut files = Vec::new();
    let mut listed = Vec::new();
    for (name, statuses) in [
        ("FAILED", &[ChildStatus::Failed, ChildStatus::TimedOut, ChildStatus::Aborted][..]),
        ("PENDING", &[ChildStatus::Pending, ChildStatus::PendingRedrive, ChildStatus::Running]),
        ("SUCCEEDED", &[ChildStatus::Succeeded]),
    ] {
        let of_file = records.iter().filter(|record| statuses.contains(&record.status));
        let shown: Vec<Value> = of_file.flat_map(|record| record.shown(transformation)).collect();
        let mut entries = Vec::new();
        if !shown.is_empty() {
            let content = written(&shown, form.is_json_lines);
            let key = format_smolstr!("{}/{name}_0.json", place.folder);
            let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
            entries.push(Value::object([("Key", key.clone().into()), ("Size", Value::from(size))]));
            files.push(File { key, content });
        }
        listed.push((name, Value::array(entries)));
    }
    let manifest = Value::object([
        ("DestinationBucket", place.bucket.clone().into()),
        ("MapRunArn", map_run_arn.clone().into()),
        ("ResultFiles", Value::object(listed)),
    ]);
    let key = format_smolstr!("{}/manifest.json", place.folder);
    files.push(File { key, content: manifest.to_compact_text() });
    files
}

fn written(shown: &[Value], is_json_lines: bool) -> String {
    if !is_json_lines {
        return Value::array(shown.to_vec()).to_compact_text();
    }
    let lines: Vec<String> = shown.iter().map(Value::to_compact_text).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use smol_str::ToSmolStr;

    const ARN: &str = "arn:aws:states:us-east-1:123456789012:mapRun:m/l:u-1";

    fn record(status: ChildStatus, output: Option<&str>) -> Record {
        let whole = Value::object([("Status", Value::from(status_name(status)))]);
        Record { status, output: output.map(|text| Value::parse(text).expect("JSON")), whole }
    }

    fn records() -> [Record; 4] {
        [
            record(ChildStatus::Succeeded, Some("[1,2]")),
            record(ChildStatus::TimedOut, None),
            record(ChildStatus::Succeeded, Some("3")),
            record(ChildStatus::Pending, None),
        ]
    }

    fn form(transformation: Option<Transformation>, is_json_lines: bool) -> ResultForm {
        ResultForm { transformation, is_json_lines }
    }

    #[test]
    fn results_are_transformed_but_for_those_of_failures() {
        for (transformation, expected) in [
            (None, r#"[[1,2],{"Status":"TIMED_OUT"},3]"#),
            (Some(Transformation::Compact), r#"[[1,2],{"Status":"TIMED_OUT"},3]"#),
            (Some(Transformation::Flatten), r#"[1,2,{"Status":"TIMED_OUT"},3]"#),
            (Some(Transformation::None), r#"[{"Status":"SUCCEEDED"},{"Status":"TIMED_OUT"},{"Status":"SUCCEEDED"}]"#),
        ] {
            let found = result(form(transformation, false), &records()[..3]);
            assert_eq!(found.to_compact_text(), expected, "{transformation:?}");
        }
    }

    #[test]
    fn each_status_has_a_file_and_all_are_in_the_manifest() {
        let parameters = |text| Value::parse(text).expect("JSON");
        let place = Place::of(&parameters(r#"{"Bucket":"b","Prefix":"p/"}"#), ARN).expect("a place");
        let shown = |form| -> Vec<String> {
            let files = files(&place, form, &records(), &ARN.into());
            files.into_iter().map(|file| format!("{} {}", file.key, file.content)).collect()
        };
        assert_eq!(
            shown(form(None, false)),
            [
                r#"p/u-1/FAILED_0.json [{"Status":"TIMED_OUT"}]"#,
                r#"p/u-1/PENDING_0.json [{"Status":"PENDING"}]"#,
                r#"p/u-1/SUCCEEDED_0.json [{"Status":"SUCCEEDED"},{"Status":"SUCCEEDED"}]"#,
                &format!(
                    "p/u-1/manifest.json {}{ARN}{}",
                    r#"{"DestinationBucket":"b","MapRunArn":""#,
                    concat!(
                        r#"","ResultFiles":{"FAILED":[{"Key":"p/u-1/FAILED_0.json","Size":24}],"#,
                        r#""PENDING":[{"Key":"p/u-1/PENDING_0.json","Size":22}],"#,
                        r#""SUCCEEDED":[{"Key":"p/u-1/SUCCEEDED_0.json","Size":47}]}}"#
                    )
                ),
            ]
        );
        assert_eq!(shown(form(Some(Transformation::Flatten), true))[2], "p/u-1/SUCCEEDED_0.json 1\n2\n3");
        assert_eq!(
            place.result(&ARN.to_smolstr()).to_compact_text(),
            format!(r#"{{"MapRunArn":"{ARN}","ResultWriterDetails":{{"Bucket":"b","Key":"p/u-1/manifest.json"}}}}"#)
        );
        for text in [r#"{"Prefix":"p"}"#, r#"{"Bucket":1}"#, r#"{"Bucket":"b","Prefix":[]}"#] {
            assert!(Place::of(&parameters(text), ARN).is_err(), "{text}");
        }
    }
}
