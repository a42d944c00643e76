//! The text as a whole and the machine's own fields.

use super::{check, said};
use crate::asl::parse::{MachineType, parse};

const NOT_AN_OBJECT: &[&str] = &["Definition must be a valid JSON object at null"];

#[test]
fn a_definition_is_a_json_object() {
    check(&[
        ("", NOT_AN_OBJECT),
        (" \n ", NOT_AN_OBJECT),
        ("[]", NOT_AN_OBJECT),
        ("null", NOT_AN_OBJECT),
        ("\"text\"", NOT_AN_OBJECT),
        (
            "not a definition",
            &["INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting \
               (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n \
               at [Source: (String)\"not a definition\"; line: 1, column: 4] \
               at [Source: (String)\"not a definition\"; line: 1, column: 4]"],
        ),
    ]);
}

#[test]
fn unreadable_text_is_shown_as_jackson_shows_it() {
    let location = |text: &str| parse(text, MachineType::Standard).diagnostics[0].location.clone();
    assert_eq!(location("[\n\tnot]").as_deref(), Some("[Source: (String)\"[\n\\u0009not]\"; line: 2, column: 5]"));
    let long = format!("x{}", "é".repeat(600));
    let place = format!("[Source: (String)\"x{}\"[truncated 101 chars]; line: 1, column: 602]", "é".repeat(499));
    assert_eq!(location(&long), Some(place));
}

#[test]
fn the_machine_has_six_fields() {
    const S: &str = r#""StartAt":"A","States":{"A":{"Type":"Succeed"}}"#;
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        (r#""Comment":"c","QueryLanguage":"JSONPath","Version":"1.0","TimeoutSeconds":0,"#, &[]),
        (r#""TimeoutSeconds":99999999,"#, &[]),
        (r#""TimeoutSeconds":100000000,"#, &["Maximum value is 99999999 at /TimeoutSeconds"]),
        (r#""TimeoutSeconds":-1,"#, &["Minimum value is 0 at /TimeoutSeconds"]),
        (r#""TimeoutSeconds":1.0,"#, &["Expected value of type Integer at /TimeoutSeconds"]),
        (r#""Version":"2.0","#, &["Value should be one of the following: [1.0] at /Version"]),
        (
            r#""QueryLanguage":"XPath","#,
            &["Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"],
        ),
        (r#""Comment":1,"#, &["Expected value of type String at /Comment"]),
        (
            r#""comment":"c","Timeout":1,"#,
            &["Field 'comment' is not supported at /", "Field 'Timeout' is not supported at /"],
        ),
    ];
    for (fields, expected) in table {
        assert_eq!(said(&format!("{{{fields}{S}}}"), MachineType::Standard), *expected, "{fields}");
    }
}

#[test]
fn start_and_states_are_required() {
    check(&[
        ("{}", &["These fields are required: [States, StartAt] at /"]),
        (r#"{"States":{"A":{"Type":"Pass","End":true}}}"#, &["These fields are required: [StartAt] at /"]),
        (r#"{"StartAt":"A"}"#, &["These fields are required: [States] at /"]),
        (
            r#"{"StartAt":"First","States":{}}"#,
            &[
                "Value cannot be empty at /States",
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: First at /StartAt",
                "MISSING_END_STATE: Workflow has no terminal state at null",
            ],
        ),
        (r#"{"StartAt":"A","States":[]}"#, &["Expected value of type Object at /States"]),
        (r#"{"StartAt":1,"States":{"A":{"Type":"Succeed"}}}"#, &["Expected value of type String at /StartAt"]),
    ]);
}

#[test]
fn what_is_not_built_yet_is_refused_by_name_once_aws_has_nothing_to_say() {
    check(&[
        (r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#, &[]),
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","End":true,"QueryLanguage":"JSONPath"}}}"#,
            &["'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A"],
        ),
    ]);
}

#[test]
fn all_diagnostics_become_one_text() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#;
    assert_eq!(
        crate::asl::describe(&parse(definition, MachineType::Standard).diagnostics),
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next, \
         MISSING_END_STATE: Workflow has no terminal state at null"
    );
}
