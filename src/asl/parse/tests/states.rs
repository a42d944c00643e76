//! The fields of all types but Task.

use super::{check, check_states, machine, said};
use crate::asl::fields::StateType;
use crate::asl::parse::MachineType;

const NO_END: &str = "MISSING_END_STATE: Workflow has no terminal state at null";

#[test]
fn a_state_has_one_of_eight_types() {
    check_states(&[
        (r#""End":true"#, &["The field 'Type' is required at /States/S", NO_END]),
        (
            r#""Type":"task","End":true"#,
            &["The field 'Type' should have one of these values: \
               [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type"],
        ),
    ]);
    check(&[(r#"{"StartAt":"S","States":{"S":"Pass"}}"#, &["Expected value of type Object at /States/S", NO_END])]);
}

#[test]
fn a_type_has_only_its_own_fields() {
    // For each field with a valid value, the types that have it.
    use StateType::{Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait};
    let fields: &[(&str, &str, &[StateType])] = &[
        ("Comment", r#""c""#, &StateType::ALL),
        ("QueryLanguage", r#""JSONPath""#, &StateType::ALL),
        ("InputPath", "null", &[Task, Wait, Pass, Succeed, Choice, Parallel, Map]),
        ("OutputPath", r#""$.a""#, &[Task, Wait, Pass, Succeed, Choice, Parallel, Map]),
        ("Parameters", "{}", &[Task, Pass, Parallel, Map]),
        ("ResultPath", r#""$.a""#, &[Task, Pass, Parallel, Map]),
        ("ResultSelector", "{}", &[Task, Parallel, Map]),
        ("Retry", "[]", &[Task, Parallel, Map]),
        ("Catch", "[]", &[Task, Parallel, Map]),
        ("Result", "{}", &[Pass]),
        ("TimeoutSeconds", "1", &[Task]),
        ("HeartbeatSecondsPath", r#""$.a""#, &[Task]),
        ("Cause", r#""c""#, &[Fail]),
        ("ErrorPath", r#""$.a""#, &[Fail]),
        ("MaxConcurrency", "1", &[Map]),
        ("ItemsPath", r#""$$.a""#, &[Map]),
        ("ItemSelector", "{}", &[Map]),
        ("input_path", "null", &[]),
        ("resultPath", "null", &[]),
    ];
    let block = r#"{"StartAt":"Inner","States":{"Inner":{"Type":"Succeed"}}}"#;
    for state_type in StateType::ALL {
        let needed = match state_type {
            Task => r#","End":true,"Resource":"arn:aws:lambda:us-east-1:123456789012:function:f""#.to_owned(),
            Wait => r#","End":true,"Seconds":1"#.to_owned(),
            Pass => r#","End":true"#.to_owned(),
            Succeed | Fail => String::new(),
            Choice => r#","Choices":[{"Variable":"$.a","IsNull":true,"Next":"S"}]"#.to_owned(),
            Parallel => format!(r#","End":true,"Branches":[{block}]"#),
            Map => format!(r#","End":true,"ItemProcessor":{block}"#),
        };
        for (field, value, types) in fields {
            let mut expected = Vec::new();
            if !types.contains(&state_type) {
                expected.push(format!("Field '{field}' is not supported at /States/S"));
            }
            if state_type == Choice {
                expected.push(NO_END.to_owned());
            }
            let state = format!(r#""Type":"{state_type}"{needed},"{field}":{value}"#);
            assert_eq!(said(&machine(&state), MachineType::Standard), expected, "{state}");
        }
    }
}

#[test]
fn a_field_of_the_other_query_language_is_refused() {
    check_states(&[
        (
            r#""Type":"Pass","End":true,"Output":{}"#,
            &["The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' \
               QueryLanguage at /States/S"],
        ),
        (
            r#""Type":"Pass","End":true,"QueryLanguage":"JSONata","InputPath":"$","Result":1"#,
            &[
                "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' \
                 QueryLanguage at /States/S",
                "The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' \
                 QueryLanguage at /States/S",
            ],
        ),
        (
            r#""Type":"Pass","End":true,"QueryLanguage":"JSONata","ResultPath":"a""#,
            &["The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' \
               QueryLanguage at /States/S"],
        ),
        (
            r#""Type":"Succeed","QueryLanguage":"jsonata""#,
            &["Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage"],
        ),
        (r#""Type":"Pass","End":true,"QueryLanguage":"JSONata","Output":"{% 1 %}""#, &[]),
    ]);
}

#[test]
fn a_state_ends_or_goes_on() {
    const NEITHER: &str = "This object should have only one of the following fields: [Next, End] at /States/S";
    check_states(&[
        (r#""Type":"Pass""#, &[NEITHER, NO_END]),
        (r#""Type":"Pass","End":false"#, &[NEITHER, NO_END]),
        (
            r#""Type":"Pass","End":true,"Next":"S""#,
            &["There should only be one of the following fields: [Next, End] at /States/S"],
        ),
        (r#""Type":"Pass","End":"true""#, &["Expected value of type Boolean at /States/S/End", NO_END]),
        (r#""Type":"Pass","Next":7"#, &["Expected value of type String at /States/S/Next", NO_END]),
    ]);
}

#[test]
fn paths_begin_with_a_dollar() {
    check_states(&[
        (r#""Type":"Succeed","InputPath":"$$.Execution.Id","OutputPath":"$.a[*]""#, &[]),
        (r#""Type":"Succeed","InputPath":"a""#, &["Value must be a valid JSONPath. at /States/S/InputPath"]),
        (r#""Type":"Succeed","OutputPath":"Test""#, &["Value must be a valid JSONPath. at /States/S/OutputPath"]),
        (r#""Type":"Succeed","OutputPath":7"#, &["Expected value of type String at /States/S/OutputPath"]),
        (
            r#""Type":"Pass","End":true,"ResultPath":"a""#,
            &["Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ResultPath"],
        ),
        (
            r#""Type":"Pass","End":true,"ResultPath":"$.a[*].b""#,
            &["Value is not a Reference Path: '[' must be followed by ' or '[' at /States/S/ResultPath"],
        ),
        (
            r#""Type":"Pass","End":true,"ResultPath":"$$.a""#,
            &["Value is not a Reference Path: Reference path must not start with '$$' at /States/S/ResultPath"],
        ),
    ]);
}

#[test]
fn templates_hold_paths_and_calls() {
    check_states(&[
        (r#""Type":"Pass","End":true,"Parameters":{"a.$":"$.b","c":{"d.$":"$$"},"e":"no path"}"#, &[]),
        (r#""Type":"Pass","End":true,"Result":{"a.$":"no path"}"#, &[]),
        (
            r#""Type":"Pass","End":true,"Parameters":{"a.$":"b","c":[{"d.$":1}]}"#,
            &[
                "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call \
                 at /States/S/Parameters",
                "The value for the field 'd.$' must be a valid JSONPath or a valid intrinsic function call \
                 at /States/S/Parameters",
            ],
        ),
        (
            r#""Type":"Pass","End":true,"Parameters":{"a.$":"States.format('{}', $.b)"}"#,
            &["The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call \
               at /States/S/Parameters"],
        ),
    ]);
}

#[test]
fn a_wait_state_waits_in_one_way() {
    const FORMS: &str = "[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S";
    let none = format!("This object should have only one of the following fields: {FORMS}");
    let several = format!("There should only be one of the following fields: {FORMS}");
    check_states(&[
        (r#""Type":"Wait","End":true,"Seconds":0"#, &[]),
        (r#""Type":"Wait","End":true,"Seconds":99999999"#, &[]),
        (r#""Type":"Wait","End":true,"SecondsPath":"$.a""#, &[]),
        (r#""Type":"Wait","End":true,"TimestampPath":"$$.b""#, &[]),
        (r#""Type":"Wait","End":true,"Timestamp":"2016-03-14T01:59:00Z""#, &[]),
        (r#""Type":"Wait","End":true"#, &[&none]),
        (r#""Type":"Wait","End":true,"Seconds":1,"SecondsPath":"$.a""#, &[&several]),
        (r#""Type":"Wait","End":true,"Seconds":-1"#, &["Minimum value is 0 at /States/S/Seconds"]),
        (
            r#""Type":"Wait","End":true,"Seconds":10000000000000000"#,
            &["Maximum value is 99999999 at /States/S/Seconds"],
        ),
        (
            r#""Type":"Wait","End":true,"Seconds":100000000000000000000"#,
            &["Maximum value is 99999999 at /States/S/Seconds"],
        ),
        (r#""Type":"Wait","End":true,"Seconds":"1""#, &["Expected value of type Integer at /States/S/Seconds"]),
        (r#""Type":"Wait","End":true,"Seconds":1.5"#, &["Expected value of type Integer at /States/S/Seconds"]),
        (
            r#""Type":"Wait","End":true,"SecondsPath":"a""#,
            &["Value must be a valid JSONPath. at /States/S/SecondsPath"],
        ),
        (
            r#""Type":"Wait","End":true,"Timestamp":"2016-13-14T01:59:00Z""#,
            &["String does not match RFC3339 timestamp at /States/S/Timestamp"],
        ),
        (
            r#""Type":"Wait","End":true,"Timestamp":"{% $now() %}""#,
            &["String does not match RFC3339 timestamp at /States/S/Timestamp"],
        ),
    ]);
}

#[test]
fn a_fail_state_has_texts_or_paths_to_them() {
    check_states(&[
        (r#""Type":"Fail""#, &[]),
        (r#""Type":"Fail","Error":"E","CausePath":"States.Format('{}', $.a)""#, &[]),
        (r#""Type":"Fail","ErrorPath":"$$.State.Name","Cause":"c""#, &[]),
        (
            r#""Type":"Fail","Error":"E","ErrorPath":"$.a","Cause":"c","CausePath":"$.b""#,
            &[
                "There should only be one of the following fields: [Error, ErrorPath] at /States/S",
                "There should only be one of the following fields: [Cause, CausePath] at /States/S",
            ],
        ),
        (r#""Type":"Fail","Error":1"#, &["Expected value of type String at /States/S/Error"]),
        (
            r#""Type":"Fail","CausePath":"because""#,
            &["Value must be a valid JSONPath or a valid intrinsic function call at /States/S/CausePath"],
        ),
    ]);
}

#[test]
fn a_parallel_state_has_branches() {
    check_states(&[
        (r#""Type":"Parallel","End":true"#, &["These fields are required: [Branches] at /States/S"]),
        (r#""Type":"Parallel","End":true,"Branches":[]"#, &["Value cannot be empty at /States/S/Branches"]),
        (
            r#""Type":"Parallel","End":true,"Branches":[1,{"Comment":"c","QueryLanguage":"JSONPath"}]"#,
            &[
                "Expected value of type Object at /States/S/Branches[0]",
                "Field 'QueryLanguage' is not supported at /States/S/Branches[1]",
                "These fields are required: [States, StartAt] at /States/S/Branches[1]",
            ],
        ),
    ]);
}

#[test]
fn a_map_state_has_one_processor() {
    // `@` stands for it.
    const BLOCK: &str = r#""StartAt":"I","States":{"I":{"Type":"Succeed"}}"#;
    let table: &[(&str, &[&str])] = &[
        ("", &["This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/S"]),
        (r#","ItemProcessor":{@},"MaxConcurrency":0"#, &[]),
        (r#","Iterator":{@},"Parameters":{"v.$":"$$.Map.Item.Value"}"#, &[]),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},@},"MaxConcurrencyPath":"$.n","ItemSelector":{}"#,
            &[],
        ),
        (
            r#","ItemProcessor":{@},"Iterator":{@}"#,
            &["There should only be one of the following fields: [ItemProcessor, Iterator] at /States/S"],
        ),
        (
            r#","ItemProcessor":{"QueryLanguage":"JSONata",@}"#,
            &["Field 'QueryLanguage' is not supported at /States/S/ItemProcessor"],
        ),
        (
            r#","ItemProcessor":{@},"ItemSelector":{},"Parameters":{}"#,
            &["There should only be one of the following fields: [ItemSelector, Parameters] at /States/S"],
        ),
        (
            r#","ItemProcessor":{@},"MaxConcurrency":-1,"MaxConcurrencyPath":"$.n""#,
            &[
                "There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/S",
                "Minimum value is 0 at /States/S/MaxConcurrency",
            ],
        ),
        (r#","ItemProcessor":{@},"ItemsPath":"$$.Execution.Input.items""#, &[]),
        (
            r#","ItemProcessor":{@},"ItemsPath":"items""#,
            &["Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ItemsPath"],
        ),
        (
            r#","ItemProcessor":{@},"MaxConcurrencyPath":"$$.Execution.Input.n""#,
            &["Value is not a Reference Path: Reference path must not start with '$$' at /States/S/MaxConcurrencyPath"],
        ),
        (
            r#","ItemProcessor":{@},"MaxConcurrencyPath":"$.n[*]""#,
            &["Value is not a Reference Path: '[' must be followed by ' or '[' at /States/S/MaxConcurrencyPath"],
        ),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"ExecutionType":"STANDARD"},@}"#,
            &["Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig"],
        ),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},@}"#,
            &["These fields are required: [ExecutionType] at /States/S/ItemProcessor/ProcessorConfig"],
        ),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"FAST"},@}"#,
            &["Value should be one of the following: [STANDARD, EXPRESS] \
               at /States/S/ItemProcessor/ProcessorConfig/ExecutionType"],
        ),
        (
            r#","ItemProcessor":{@},"ToleratedFailurePercentage":101,"ToleratedFailureCount":-1"#,
            &[
                "Maximum value is 100.0 at /States/S/ToleratedFailurePercentage",
                "Minimum value is 0 at /States/S/ToleratedFailureCount",
            ],
        ),
        (
            r#","ItemProcessor":{@},"ToleratedFailurePercentage":1,"ToleratedFailurePercentagePath":"$.p""#,
            &["There should only be one of the following fields: \
               [ToleratedFailurePercentage, ToleratedFailurePercentagePath] at /States/S"],
        ),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},@},"ItemBatcher":{"MaxItemsPerBatch":-1,"MaxInputBytesPerBatch":262145}"#,
            &[
                "Minimum value is 0 at /States/S/ItemBatcher/MaxItemsPerBatch",
                "Maximum value is 262144 at /States/S/ItemBatcher/MaxInputBytesPerBatch",
            ],
        ),
        (
            r#","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},@},"ItemBatcher":{"MaxItemsPerBatch":1}"#,
            &[],
        ),
        (
            r#","ItemProcessor":{@},"Label":"l""#,
            &["STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support the field Label of inline Map states yet \
               at /States/S/Label"],
        ),
        (
            r#","ItemProcessor":{@},"Label":"12345678901234567890123456789012345678901""#,
            &["INVALID_LABEL_NAME: Invalid Label name: Label '12345678901234567890123456789012345678901' \
               exceeds the 40-character limit allowed by the service at /States/S/Label"],
        ),
    ];
    for (fields, expected) in table {
        let state = format!(r#""Type":"Map","End":true{}"#, fields.replace('@', BLOCK));
        assert_eq!(said(&machine(&state), MachineType::Standard), *expected, "{state}");
    }
}

#[test]
fn a_result_writer_and_a_label_are_checked() {
    let put = r#""Resource":"arn:aws:states:::s3:putObject""#;
    let writer = |fields: &str| format!(r#""ResultWriter":{{{fields}}}"#);
    let table: &[(String, &[&str])] = &[
        (writer(&format!(r#"{put},"Parameters":{{"Bucket":"b","Prefix.$":"$.p"}}"#)), &[]),
        (writer(r#""WriterConfig":{"Transformation":"COMPACT","OutputType":"JSON"}"#), &[]),
        (r#""Label":"my-Label_1é""#.into(), &[]),
        (
            writer(r#""Resource":"nonsense","Bucket":"b""#),
            &[
                "Field 'Bucket' is not supported at /States/S/ResultWriter",
                "The field 'Resource' does not match any of the allowed values at /States/S/ResultWriter/Resource",
                "These fields are required: [Parameters] at /States/S/ResultWriter",
            ],
        ),
        (
            writer(&format!(r#"{put},"Parameters":{{}},"WriterConfig":{{"OutputType":"XML"}}"#)),
            &["Value should be one of the following: [JSON, JSONL] at /States/S/ResultWriter/WriterConfig/OutputType"],
        ),
        (writer(r#""Parameters":{}"#), &["These fields are required: [Resource] at /States/S/ResultWriter"]),
        (writer(""), &["These fields are required: [WriterConfig] at /States/S/ResultWriter"]),
        (
            writer(r#""WriterConfig":{"OutputType":"JSONL"}"#),
            &["STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support OutputType JSONL without Resource yet \
               at /States/S/ResultWriter/WriterConfig"],
        ),
        (
            r#""Label":"a b""#.into(),
            &[
                "INVALID_LABEL_NAME: Invalid Label name 'a b': the label contains invalid characters. at /States/S/Label",
            ],
        ),
    ];
    for (fields, expected) in table {
        let state = format!(
            r#""Type":"Map","End":true,{fields},"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},
               "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}}"#
        );
        assert_eq!(said(&machine(&state), MachineType::Standard), *expected, "{fields}");
    }
}

#[test]
fn an_item_reader_says_what_it_reads() {
    const GET: &str = r#""Resource":"arn:aws:states:::s3:getObject""#;
    const ROWS: &str = r#""InputType":"CSV","CSVHeaderLocation":"#;
    let config = |config: &str| format!(r#"{GET},"ReaderConfig":{{{config}}}"#);
    let table: &[(String, &[&str])] = &[
        (config(r#""InputType":"JSON","ItemsPointer":"/a","MaxItems":100000000"#), &[]),
        (config(r#""InputType":"JSONL","MaxItemsPath":"$.n""#), &[]),
        (config(&format!(r#"{ROWS}"FIRST_ROW","CSVDelimiter":"TAB""#)), &[]),
        (config(&format!(r#"{ROWS}"GIVEN","CSVHeaders":["a"]"#)), &[]),
        (config(r#""ManifestType":"S3_INVENTORY""#), &[]),
        (
            config(r#""ManifestType":"S3_INVENTORY","InputType":"JSONL""#),
            &["Field 'InputType' is not supported at @/ReaderConfig"],
        ),
        (r#""Resource":"arn:aws-cn:states:::s3:listObjectsV2","Parameters":{"Bucket.$":"$.b"}"#.into(), &[]),
        (
            r#""Resource":"arn:aws:states:::s3:putObject""#.into(),
            &["The field 'Resource' does not match any of the allowed values at /States/S/ItemReader/Resource"],
        ),
        (
            r#""Parameters":{"Bucket.$":"b"},"Arguments":{},"Prefix":"p""#.into(),
            &[
                "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at @",
                "Field 'Prefix' is not supported at @",
                "These fields are required: [Resource] at @",
                "The value for the field 'Bucket.$' must be a valid JSONPath or a valid intrinsic function call at @/Parameters",
            ],
        ),
        (config(r#""InputType":"CSV""#), &["The field 'CSVHeaderLocation' is required at @/ReaderConfig"]),
        (config(&format!(r#"{ROWS}"GIVEN""#)), &["These fields are required: [CSVHeaders] at @/ReaderConfig"]),
        (
            config(&format!(r#"{ROWS}"NONE","CSVDelimiter":",""#)),
            &[
                "Value should be one of the following: [COMMA, PIPE, SEMICOLON, SPACE, TAB] at @/ReaderConfig/CSVDelimiter",
                "Value should be one of the following: [FIRST_ROW, GIVEN] at @/ReaderConfig/CSVHeaderLocation",
            ],
        ),
        (
            config(r#""InputType":"JSON","CSVHeaderLocation":"GIVEN","CSVHeaders":["a"],"ManifestType":"ATHENA_DATA""#),
            &[
                "Field 'CSVHeaderLocation' is not supported at @/ReaderConfig",
                "Field 'CSVHeaders' is not supported at @/ReaderConfig",
                "Field 'ManifestType' is not supported at @/ReaderConfig",
            ],
        ),
        (config(r#""Transformation":"LOAD_AND_FLATTEN""#), &["The field 'InputType' is required at @/ReaderConfig"]),
        (
            config(r#""InputType":"JSON","ItemsPointer":"data/items""#),
            &[
                r#"Invalid input: JSON Pointer expression must start with '/': "data/items" at @/ReaderConfig/ItemsPointer"#,
            ],
        ),
        (
            config(r#""InputType":"JSON","MaxItems":100000001,"MaxItemsPath":"$.n""#),
            &[
                "There should only be one of the following fields: [MaxItems, MaxItemsPath] at @/ReaderConfig",
                "Maximum value is 100000000 at @/ReaderConfig/MaxItems",
            ],
        ),
        (
            config(r#""InputType":"XML""#),
            &[
                "Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST] at @/ReaderConfig/InputType",
            ],
        ),
    ];
    for (fields, expected) in table {
        let state = format!(
            r#""Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},
               "StartAt":"I","States":{{"I":{{"Type":"Succeed"}}}}}},"ItemReader":{{{fields}}}"#
        );
        let mut found = said(&machine(&state), MachineType::Standard);
        found.retain(|problem| !problem.starts_with("STEPWELL_NOT_SUPPORTED_YET"));
        let expected: Vec<String> =
            expected.iter().map(|text| text.replace(" at @", " at /States/S/ItemReader")).collect();
        assert_eq!(found, expected, "{fields}");
    }
}
