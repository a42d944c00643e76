//! What is said of JSONata expressions and of the fields that have them.

use super::*;

/// The fields of each state `S` of a machine that speaks JSONata, and what is said of it.
#[track_caller]
fn check_jsonata(table: &[(&str, &[&str])]) {
    for (state, expected) in table {
        let definition = format!(r#"{{"QueryLanguage":"JSONata","StartAt":"S","States":{{"S":{{{state}}}}}}}"#);
        assert_eq!(said(&definition, MachineType::Standard), *expected, "{state}");
    }
}

#[test]
fn expressions_may_stand_wherever_the_language_has_them() {
    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let task = format!(
        r#""Type":"Task","Resource":"{FUNCTION}","Arguments":{{"a":["{{% $states.input %}}",1]}},"TimeoutSeconds":"{{% 9 %}}",
            "HeartbeatSeconds":"{{% 1 %}}","Assign":{{"v":"{{% $states.result %}}"}},"Output":"{{% $states.result %}}","End":true,
            "Catch":[{{"ErrorEquals":["States.ALL"],"Output":"{{% $states.errorOutput %}}",
                "Assign":{{"w":"{{% $states.errorOutput.Error %}}"}},"Next":"S"}}]"#
    );
    check_jsonata(&[
        (r#""Type":"Pass","Output":"{% $states.context %}","End":true"#, &[]),
        (r#""Type":"Pass","Output":[null,1,"text",{"a":"{% $states.input.a %}"}],"End":true"#, &[]),
        (r#""Type":"Succeed","Output":"{% $states.input %}""#, &[]),
        (r#""Type":"Wait","Seconds":"{% 1 %}","End":true"#, &[]),
        (r#""Type":"Wait","Timestamp":"{% $now() %}","End":true"#, &[]),
        (r#""Type":"Fail","Error":"{% 'e' %}","Cause":"c""#, &[]),
        (&task, &[]),
        // Recorded: neither is an expression, and a variable may be one that nobody assigns.
        (r#""Type":"Pass","Output":" {% states.input %} ","End":true"#, &[]),
        (r#""Type":"Pass","Output":"{% $doesNotExist %}","End":true"#, &[]),
    ]);
}

#[test]
fn a_role_may_be_an_expression() {
    let task = |credentials: &str| {
        format!(
            r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{{"FunctionName":"f"}},"End":true,
                "Credentials":{credentials}"#
        )
    };
    let missing = "The field 'RoleArn' is required but was missing at /States/S/Credentials";
    for (credentials, expected) in [
        (r#"{"RoleArn":"{% $states.input.r %}"}"#, None),
        (r#"{"RoleArn":"r"}"#, None),
        (r#""{% $states.input %}""#, None),
        ("{}", Some(missing)),
        (r#""r""#, Some(missing)),
        (r#"{"RoleArn.$":"$.r"}"#, Some(missing)),
        (r#"{"RoleArn":[]}"#, Some("Expected value of type String at /States/S/Credentials/RoleArn")),
        (
            r#"{"RoleArn":"{% ' %}"}"#,
            Some(
                "INVALID_JSONATA_EXPRESSION: String literal must be terminated by a matching quote \
                 at /States/S/Credentials/RoleArn",
            ),
        ),
        (
            r#"{"RoleArn":"{% $states.result %}"}"#,
            Some(
                "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/S/Credentials/RoleArn",
            ),
        ),
    ] {
        check_jsonata(&[(&task(credentials), expected.as_slice())]);
    }
}

#[test]
fn an_expression_that_can_not_be_read_is_refused_in_the_words_of_jsonata() {
    check_jsonata(&[
        (
            r#""Type":"Pass","Output":"{% [1,2 %}","End":true"#,
            &[r#"INVALID_JSONATA_EXPRESSION: Expected "]" before end of expression at /States/S/Output"#],
        ),
        (
            r#""Type":"Pass","Output":{"a":["{% } %}","{% 'x %}"]},"Assign":{"v":"{% %}"},"End":true"#,
            &[
                "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Assign/v",
                r#"INVALID_JSONATA_EXPRESSION: The symbol "}" cannot be used as a unary operator at /States/S/Output/a[0]"#,
                "INVALID_JSONATA_EXPRESSION: String literal must be terminated by a matching quote \
                 at /States/S/Output/a[1]",
            ],
        ),
        (
            r#""Type":"Pass","Output":"{% $states.input","End":true"#,
            &["JSONata string must start with {% and end with %} at /States/S/Output"],
        ),
    ]);
}

#[test]
fn expressions_begin_with_variables() {
    check_jsonata(&[
        (
            r#""Type":"Pass","Output":{"v":"{% phone & $ %}"},"End":true"#,
            &[
                "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. \
                 at /States/S/Output/v",
                "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$' at the top level is not supported. \
                 at /States/S/Output/v",
            ],
        ),
        (r#""Type":"Pass","Output":"{% $states.input.list[price > 3 and $ != 4].name %}","End":true"#, &[]),
    ]);
}

#[test]
fn states_has_results_and_errors_only_where_there_are_some() {
    let missing = |field: &str, at: &str| {
        format!("UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.{field}' does not exist. at /States/S/{at}")
    };
    check_jsonata(&[
        (r#""Type":"Pass","Output":"{% $states.result %}","End":true"#, &[&missing("result", "Output")]),
        (
            r#""Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"End":true,
                "Arguments":"{% $states.result %}","Output":"{% $states.errorOutput %}",
                "Catch":[{"ErrorEquals":["States.ALL"],"Next":"S","Output":{"a":"{% $states.result %}"}}]"#,
            &[
                &missing("errorOutput", "Output"),
                &missing("result", "Arguments"),
                &missing("result", "Catch[0]/Output/a"),
            ],
        ),
        (r#""Type":"Pass","Output":"{% $states.Input %}","End":true"#, &[&missing("Input", "Output")]),
    ]);
}

#[test]
fn rules_have_a_condition() {
    let choice = |rule: &str| format!(r#""Type":"Choice","Default":"S","Choices":[{{"Next":"S",{rule}}}]"#);
    let no_end = "MISSING_END_STATE: Workflow has no terminal state at null";
    check_jsonata(&[
        (&choice(r#""Condition":"{% true %}","Output":1,"Assign":{"a":1}"#), &[no_end]),
        (&choice(r#""Condition":false"#), &[no_end]),
        (
            &choice(r#""Condition":"true""#),
            &["JSONata string must start with {% and end with %} at /States/S/Choices[0]/Condition", no_end],
        ),
        (&choice(r#""Condition":1"#), &["Expected value of type Boolean at /States/S/Choices[0]/Condition", no_end]),
        (
            &choice(r#""Variable":"$.a","IsNull":true"#),
            &[
                "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' \
                 QueryLanguage at /States/S/Choices[0]",
                no_end,
            ],
        ),
    ]);
}

#[test]
fn items_are_a_list_or_an_expression() {
    let map = |fields: &str| {
        format!(
            r#""Type":"Map",{fields},"End":true,"ItemProcessor":{{"StartAt":"P","States":{{"P":{{"Type":"Succeed"}}}}}}"#
        )
    };
    check_jsonata(&[
        (&map(r#""Items":[1,"{% 2 %}"],"ItemSelector":{"a":"{% $states.context.Map.Item.Value %}"}"#), &[]),
        (&map(r#""Items":"{% $states.input %}","MaxConcurrency":"{% 1 %}""#), &[]),
        // Recorded: an inline Map takes them.
        (&map(r#""ToleratedFailureCount":"{% 1 %}","ToleratedFailurePercentage":"{% 1 %}""#), &[]),
        (&map(r#""Items":"list""#), &["JSONata string must start with {% and end with %} at /States/S/Items"]),
        (&map(r#""Items":1"#), &["Expected value of type Array at /States/S/Items"]),
        (
            &map(r#""Items":{"a":1}"#),
            &["STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support an object as Items yet at /States/S/Items"],
        ),
        (
            &map(r#""ItemsPath":"$.a","MaxConcurrencyPath":"$.b""#),
            &[
                "The QueryLanguage is set to 'JSONata', but field 'ItemsPath' is only supported for the 'JSONPath' \
                 QueryLanguage at /States/S",
                "The QueryLanguage is set to 'JSONata', but field 'MaxConcurrencyPath' is only supported for the \
                 'JSONPath' QueryLanguage at /States/S",
            ],
        ),
    ]);
}

/// What takes no expression is told so, whatever stands in its place.
#[test]
fn fields_that_take_no_expression_refuse_one() {
    let parallel = |fields: &str| {
        format!(
            r#""Type":"Parallel","Branches":[{{"StartAt":"B","States":{{"B":{{"Type":"Succeed"}}}}}}],{fields},"End":true"#
        )
    };
    let retry = |field: &str| parallel(&format!(r#""Retry":[{{"ErrorEquals":["E"],{field}}}]"#));
    let wrong = |kind: &str, at: &str| format!("Expected value of type {kind} at /States/S/{at}");
    check_jsonata(&[
        (&retry(r#""MaxAttempts":"{% 0 %}""#), &[&wrong("Integer", "Retry[0]/MaxAttempts")]),
        (&retry(r#""IntervalSeconds":"{% 0 %}""#), &[&wrong("Integer", "Retry[0]/IntervalSeconds")]),
        (&retry(r#""BackoffRate":"{% 1 %}""#), &[&wrong("Number", "Retry[0]/BackoffRate")]),
        (
            &retry(r#""JitterStrategy":"{% 'FULL' %}""#),
            &["Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy"],
        ),
        (&parallel(r#""Retry":"{% [] %}""#), &[&wrong("Array", "Retry")]),
        (&parallel(r#""Assign":"{% {'a':1} %}""#), &[&wrong("Object", "Assign")]),
        (
            r#""Type":"Pass","Next":"{% 'S' %}""#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: {% 'S' %} at /States/S/Next",
                "MISSING_END_STATE: Workflow has no terminal state at null",
            ],
        ),
        (
            r#""Type":"Task","Resource":"{% 'arn' %}","End":true"#,
            &["Value is not a valid resource ARN at /States/S/Resource"],
        ),
        (
            r#""Type":"Succeed","QueryLanguage":"{% 'JSONPath' %}""#,
            &["Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage"],
        ),
    ]);
}

#[test]
fn all_that_is_wrong_in_one_field_is_said() {
    check_jsonata(&[(
        r#""Type":"Pass","Output":{"a":"{% 1 + ( %}","b":["{% c %}"]},"End":true"#,
        &[
            "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output/a",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'c' at the top level is not supported. at /States/S/Output/b[0]",
        ],
    )]);
}

#[test]
fn a_rule_has_nothing_but_a_condition() {
    let other = |field: &str| {
        format!(
            "The QueryLanguage is set to 'JSONata', but field '{field}' is only supported for the 'JSONPath' QueryLanguage \
             at /States/S/Choices[0]"
        )
    };
    let no_end = "MISSING_END_STATE: Workflow has no terminal state at null";
    for (field, rule) in
        [("And", r#""And":[{"Condition":"{% true %}"}]"#), ("Not", r#""Not":{"Variable":"$.a","IsNull":true}"#)]
    {
        let choice = format!(r#""Type":"Choice","Default":"S","Choices":[{{"Next":"S",{rule}}}]"#);
        check_jsonata(&[(&choice, &[&other(field), no_end])]);
    }
}
