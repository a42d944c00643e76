//! Task states, retriers, catchers and choice rules.

use super::{check_states, machine, said};
use crate::asl::parse::MachineType;

/// A Task that calls a function and has these fields too.
fn task(fields: &str) -> String {
    format!(r#""Type":"Task","End":true,"Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",{fields}"#)
}

/// A Task with this resource and further fields.
fn calling(resource: &str, fields: &str) -> String {
    format!(r#""Type":"Task","End":true,"Resource":"{resource}"{fields}"#)
}

fn not_recognized(resource: &str) -> String {
    format!(
        "The resource provided {resource} is not recognized. The value is not a valid resource ARN, \
         or the resource is not available in this region. at /States/S/Resource"
    )
}

#[test]
fn functions_and_activities_can_be_called() {
    for resource in [
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:f:$LATEST",
        "arn:aws:lambda:your-region:your-account-id:function:f:prod",
        "arn:aws:states:us-east-1:123456789012:activity:a",
    ] {
        assert_eq!(said(&machine(&calling(resource, "")), MachineType::Standard), [""; 0], "{resource}");
    }
    for resource in ["arn:aws:states:::lambda:invoke", "arn:aws-us-gov:states:::lambda:invoke.waitForTaskToken"] {
        let state = calling(resource, r#","Parameters":{"FunctionName.$":"$.f"}"#);
        assert_eq!(said(&machine(&state), MachineType::Standard), [""; 0], "{resource}");
    }
}

#[test]
fn any_action_of_any_service_takes_the_members_of_its_api() {
    let said = |action: &str, fields: &str| {
        let resource = format!("arn:aws:states:::aws-sdk:{action}");
        said(&machine(&calling(&resource, fields)), MachineType::Standard)
    };
    assert_eq!(said("s3:getObject", r#","Parameters":{"Bucket":"b","Key.$":"$.k"}"#), [""; 0]);
    assert_eq!(said("sfn:getActivityTask.waitForTaskToken", r#","Parameters":{"ActivityArn":"a"}"#), [""; 0]);
    assert_eq!(
        said("s3:getObject", ""),
        ["Parameters field is required for resource ARN: arn:aws:states:::aws-sdk:s3:getObject at /States/S"]
    );
    assert_eq!(
        said("s3:getObject", r#","Parameters":{"bucket":"b"}"#),
        ["The field \"bucket\" is not supported by Step Functions at /States/S/Parameters"]
    );
    for unknown in ["s3:getobject", "s3:nothing", "none:getObject", "s3:getObject.sync", "lambda:invokeAsync"] {
        let resource = format!("arn:aws:states:::aws-sdk:{unknown}");
        assert_eq!(
            said(unknown, r#","Parameters":{}"#),
            [format!(
                "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the \
                 resource is not available in this region. at /States/S/Resource"
            )]
        );
    }
}

#[test]
fn what_nobody_knows_is_told() {
    for resource in [
        "arn:aws:states:::dynamodb:query",
        "arn:aws:states:::lambda:invoke.sync",
        "arn:aws:states:::lambda:Invoke",
        "arn:aws:states:::sqs:sendMessage.sync",
        "arn:aws:states:::dynamodb:getItem.waitForTaskToken",
        "arn:aws:states:::ecs:runTask.sync:2",
        "arn:aws:states:::athena:stopQueryExecution.sync",
        "arn:aws:states:::athena:startQueryExecution.waitForTaskToken",
        "arn:aws:states:::http:invoke.waitForTaskToken",
        "arn:aws:states:::aws-sdk:s3:getObject.sync",
        "arn:aws:states:::aws-sdk:s3",
        "arn:aws:states:::nosuch:action",
        "arn:aws:states:::lambda",
        "arn:aws:states:us-east-1:123456789012:activity:",
        "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        "arn:aws:lambda:us-east-1:123456789012:layer:l",
        "arn:aws:sqs:us-east-1:123456789012:q",
    ] {
        assert_eq!(said(&machine(&calling(resource, "")), MachineType::Standard), [not_recognized(resource)]);
    }
    for resource in ["", "f", "create", "urn:aws:lambda:us-east-1:123456789012:function:f"] {
        let expected = ["Value is not a valid resource ARN at /States/S/Resource"];
        assert_eq!(said(&machine(&calling(resource, "")), MachineType::Standard), expected);
    }
}

#[test]
fn express_machines_only_request_and_take_the_response() {
    for (resource, expected) in [
        (
            "arn:aws:states:::states:startExecution.sync",
            "Express state machine does not support '.sync' service integration at /States/S/Resource",
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            "Express state machine does not support '.sync' service integration at /States/S/Resource",
        ),
        (
            "arn:aws:states:::sns:publish.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration  at /States/S/Resource",
        ),
        (
            "arn:aws:states:us-east-1:123456789012:activity:a",
            "Express state machine does not support Activity ARN at /States/S/Resource",
        ),
    ] {
        let fields = match resource {
            _ if resource.contains(":sns:") => r#","Parameters":{"Message":"m"}"#,
            _ if resource.contains("states:::states") => r#","Parameters":{"StateMachineArn":"a"}"#,
            _ => "",
        };
        assert_eq!(said(&machine(&calling(resource, fields)), MachineType::Express), [expected]);
    }
    let function = calling("arn:aws:lambda:us-east-1:123456789012:function:f", "");
    assert_eq!(said(&machine(&function), MachineType::Express), [""; 0]);
    let map = r#""Type":"Map","End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}},
        "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}}"#;
    assert_eq!(
        said(&machine(map), MachineType::Express),
        ["The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines \
          at /States/S/ItemProcessor/ProcessorConfig"]
    );
}

#[test]
fn lambda_invoke_is_given_known_members() {
    let invoke =
        |fields: &str| said(&machine(&calling("arn:aws:states:::lambda:invoke", fields)), MachineType::Standard);
    assert_eq!(
        invoke(""),
        ["Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S"]
    );
    assert_eq!(
        invoke(r#","Parameters":{"Payload":{}}"#),
        ["The field 'FunctionName' is required but was missing at /States/S/Parameters"]
    );
    assert_eq!(
        invoke(r#","Parameters":{"FunctionName":"f","payload.$":"$"}"#),
        ["The field \"payload\" is not supported by Step Functions at /States/S/Parameters"]
    );
    assert_eq!(
        invoke(r#","QueryLanguage":"JSONata""#),
        ["Arguments field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S"]
    );
}

#[test]
fn optimised_services_are_given_what_they_need_and_know() {
    let at = |problem: &str| format!("{problem} at /States/S/Parameters");
    let missing = |name: &str| at(&format!("The field '{name}' is required but was missing"));
    let unknown = |name: &str| at(&format!("The field \"{name}\" is not supported by Step Functions"));
    for (resource, parameters, expected) in [
        ("sqs:sendMessage", "{}", vec![missing("QueueUrl"), missing("MessageBody")]),
        ("sqs:sendMessage.waitForTaskToken", r#"{"QueueUrl":"q","MessageBody":{"t.$":"$$.Task.Token"}}"#, vec![]),
        ("sqs:sendMessage", r#"{"QueueUrl.$":"$.q","MessageBody.$":"$","Foo.$":"$.f"}"#, vec![unknown("Foo")]),
        ("sns:publish", r#"{"TopicArn":"t"}"#, vec![missing("Message")]),
        ("sns:publish", r#"{"TopicArn":"t","Message":{},"MessageGroupId":"g"}"#, vec![]),
        ("dynamodb:putItem", r#"{"TableName":"t"}"#, vec![missing("Item")]),
        ("dynamodb:getItem", "{}", vec![missing("TableName"), missing("Key")]),
        ("dynamodb:updateItem", r#"{"TableName":"t","Key":null}"#, vec![]),
        ("events:putEvents", r#"{"entries":[]}"#, vec![missing("Entries"), unknown("entries")]),
        ("events:putEvents", r#"{"Entries":[{"Detail":{"a.$":"$.a"},"Source":"s"}]}"#, vec![]),
        ("ecs:runTask", "{}", vec![missing("TaskDefinition")]),
        (
            "ecs:runTask.waitForTaskToken",
            r#"{"TaskDefinition":"t","NetworkConfiguration":{"awsVpcConfiguration":{}}}"#,
            vec![unknown("awsVpcConfiguration")],
        ),
        ("states:startExecution", "{}", vec![missing("StateMachineArn")]),
        ("states:startExecution.sync:2", r#"{"StateMachineArn.$":"$.a","Input":{"a":1}}"#, vec![]),
        ("glue:startJobRun", "{}", vec![missing("JobName")]),
        ("batch:submitJob", r#"{"JobName":"j","JobQueue":"q","JobDefinition":"d"}"#, vec![]),
        ("athena:getQueryExecution", r#"{"QueryExecutionId":"i"}"#, vec![]),
        ("bedrock:invokeModel", r#"{"ModelId":"m","Body":{"a.$":"$.a"}}"#, vec![]),
        ("elasticmapreduce:addStep.sync", r#"{"ClusterId.$":"$.c","Step.$":"$.s"}"#, vec![]),
        (
            "elasticmapreduce:terminateCluster.sync",
            r#"{"JobFlowIds":[]}"#,
            vec![missing("ClusterId"), unknown("JobFlowIds")],
        ),
        (
            "elasticmapreduce:modifyInstanceFleetByName",
            r#"{"ClusterId":"j","InstanceFleetName":"f","InstanceFleet":{"InstanceFleetId.$":"$.i"}}"#,
            vec![unknown("InstanceFleetId")],
        ),
        (
            "bedrock:invokeModel",
            r#"{"ModelId":"m","Body":{},"Output":{"S3Uri":"s3://b/k"}}"#,
            vec![at("STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support Output of bedrock:invokeModel yet")],
        ),
        (
            "aws-sdk:s3:copyObject",
            r#"{"CopySource":"a/b","DestinationBucket":"b"}"#,
            vec![at(
                "STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support the field DestinationBucket of AWS's SDK for Java yet",
            )],
        ),
        ("bedrock:invokeModel", r#"{"ModelId":"m","Input":{"S3Uri.$":"$.u"}}"#, vec![]),
        (
            "bedrockagentcore:invokeHarness",
            r#"{"HarnessArn":"h","Messages":[{"Role":"user","Content":[{"Text.$":"$.t"}]}],"Prompt":"p"}"#,
            vec![missing("RuntimeSessionId"), unknown("Prompt")],
        ),
        ("bedrock:invokeModel", r#"{"Input":{}}"#, vec![missing("ModelId"), missing("S3Uri")]),
        (
            "eks:call",
            r#"{"ClusterName":"c","Endpoint.$":"$.e","CertificateAuthority":"a","Job":{}}"#,
            vec![missing("Method"), missing("Path"), unknown("Job")],
        ),
        (
            "eks:runJob.sync",
            r#"{"ClusterName":"c","Endpoint":"e","CertificateAuthority":"a","Job":{},"LogOptions":{"RetrieveLogs":true}}"#,
            vec![],
        ),
        ("apigateway:invoke", "{}", vec![missing("ApiEndpoint"), missing("Method")]),
        ("apigateway:invoke", r#"{"ApiEndpoint":"h","Method":"GET","Body":1}"#, vec![unknown("Body")]),
        (
            "apigateway:invoke.waitForTaskToken",
            r#"{"ApiEndpoint":"h","Method":"GET","Headers":{"Authorization.$":"$.a","x-amz-date":[],"a":[]}}"#,
            vec![at("The 'Headers' field contains unsupported values: [authorization, x-amz-date]")],
        ),
    ] {
        let state = calling(&format!("arn:aws:states:::{resource}"), &format!(r#","Parameters":{parameters}"#));
        assert_eq!(said(&machine(&state), MachineType::Standard), expected, "{resource} {parameters}");
    }
    let whole = r#","QueryLanguage":"JSONata","Arguments":"{% $states.input %}""#;
    assert_eq!(said(&machine(&calling("arn:aws:states:::sqs:sendMessage", whole)), MachineType::Standard), [""; 0]);
}

#[test]
fn a_task_has_a_resource_and_time_limits() {
    let table: &[(&str, &[&str])] = &[
        (r#""TimeoutSeconds":1"#, &[]),
        (r#""TimeoutSeconds":99999999,"HeartbeatSeconds":99999998"#, &[]),
        (r#""TimeoutSecondsPath":"$.t","HeartbeatSecondsPath":"$$.h""#, &[]),
        (r#""TimeoutSeconds":0"#, &["Minimum value is 1 at /States/S/TimeoutSeconds"]),
        (r#""HeartbeatSeconds":100000000"#, &["Maximum value is 99999999 at /States/S/HeartbeatSeconds"]),
        (r#""TimeoutSeconds":"{% 1 %}""#, &["Expected value of type Integer at /States/S/TimeoutSeconds"]),
        (
            r#""TimeoutSeconds":1,"TimeoutSecondsPath":"$.t""#,
            &["There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/S"],
        ),
        (
            r#""HeartbeatSeconds":1,"HeartbeatSecondsPath":"$.t""#,
            &[
                "There should only be one of the following fields: [HeartbeatSeconds, HeartbeatSecondsPath] at /States/S",
            ],
        ),
        (
            r#""TimeoutSeconds":5,"HeartbeatSeconds":5"#,
            &["HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds"],
        ),
    ];
    for (fields, expected) in table {
        assert_eq!(said(&machine(&task(fields)), MachineType::Standard), *expected, "{fields}");
    }
    check_states(&[
        (r#""Type":"Task","End":true"#, &["These fields are required: [Resource] at /States/S"]),
        (r#""Type":"Task","End":true,"Resource":1"#, &["Expected value of type String at /States/S/Resource"]),
    ]);
}

#[test]
fn credentials_need_a_role() {
    let table: &[(&str, &[&str])] = &[
        (r#""Credentials":{}"#, &["The field 'RoleArn' is required but was missing at /States/S/Credentials"]),
        (
            r#""Credentials":{"Role":"r"}"#,
            &["The field 'RoleArn' is required but was missing at /States/S/Credentials"],
        ),
        (r#""Credentials":{"RoleArn":1}"#, &["Expected value of type String at /States/S/Credentials/RoleArn"]),
        (r#""Credentials":"r""#, &["The field 'RoleArn' is required but was missing at /States/S/Credentials"]),
        (
            r#""Credentials":{"RoleArn.$":"r"}"#,
            &[
                "The value for the field 'RoleArn.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Credentials",
            ],
        ),
        (r#""Credentials":{"RoleArn":"r"}"#, &[]),
        (r#""Credentials":{"RoleArn.$":"$.r"}"#, &[]),
        (r#""Credentials":{"RoleArn.$":"States.Format('{}', $$.Execution.Id)"}"#, &[]),
    ];
    for (fields, expected) in table {
        assert_eq!(said(&machine(&task(fields)), MachineType::Standard), *expected, "{fields}");
    }
    let activity = calling("arn:aws:states:us-east-1:123456789012:activity:a", r#","Credentials":{"RoleArn":"r"}"#);
    assert_eq!(
        said(&machine(&activity), MachineType::Standard),
        ["The field 'Credentials' is not supported for activities at /States/S/Credentials"]
    );
}

#[test]
fn retriers_say_what_how_often_and_when() {
    let table: &[(&str, &[&str])] = &[
        ("[]", &[]),
        (
            r#"[{"ErrorEquals":["A","B"],"IntervalSeconds":0,"MaxAttempts":0,"BackoffRate":1,"MaxDelaySeconds":31622400,
                 "JitterStrategy":"NONE","Comment":"c"},{"ErrorEquals":["States.ALL"],"BackoffRate":1.0}]"#,
            &[],
        ),
        ("[{}]", &["These fields are required: [ErrorEquals] at /States/S/Retry[0]"]),
        (r#"[{"ErrorEquals":[]}]"#, &["Value cannot be empty at /States/S/Retry[0]/ErrorEquals"]),
        (r#"[{"ErrorEquals":[1]}]"#, &["Expected value of type String at /States/S/Retry[0]/ErrorEquals[0]"]),
        (
            r#"[{"ErrorEquals":["A","States.ALL"]}]"#,
            &["States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals[1]"],
        ),
        (
            r#"[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["A"]}]"#,
            &["States.ALL must appear alone and at end of list at /States/S/Retry[0]/ErrorEquals[0]"],
        ),
        (
            r#"[{"ErrorEquals":["A"],"IntervalSeconds":-1,"MaxAttempts":-1,"BackoffRate":0.5,"MaxDelaySeconds":0}]"#,
            &[
                "Minimum value is 0 at /States/S/Retry[0]/IntervalSeconds",
                "Minimum value is 0 at /States/S/Retry[0]/MaxAttempts",
                "Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate",
                "Minimum value is 1 at /States/S/Retry[0]/MaxDelaySeconds",
            ],
        ),
        (
            r#"[{"ErrorEquals":["A"],"MaxDelaySeconds":31622401,"JitterStrategy":"full"}]"#,
            &[
                "Maximum value is 31622400 at /States/S/Retry[0]/MaxDelaySeconds",
                "Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy",
            ],
        ),
        (r#"[{"ErrorEquals":["A"],"Next":"S"}]"#, &["Field 'Next' is not supported at /States/S/Retry[0]"]),
        (r#"["A"]"#, &["Expected value of type Object at /States/S/Retry[0]"]),
        (r#"{"ErrorEquals":["A"]}"#, &["Expected value of type Array at /States/S/Retry"]),
    ];
    for (retry, expected) in table {
        let state = task(&format!(r#""Retry":{retry}"#));
        assert_eq!(said(&machine(&state), MachineType::Standard), *expected, "{retry}");
    }
}

#[test]
fn catchers_say_what_and_where_to() {
    let table: &[(&str, &[&str])] = &[
        (r#"[{"ErrorEquals":["A"],"Next":"S","ResultPath":null},{"ErrorEquals":["States.ALL"],"Next":"S"}]"#, &[]),
        (r#"[{"ErrorEquals":["A"]}]"#, &["These fields are required: [Next] at /States/S/Catch[0]"]),
        ("[{}]", &["These fields are required: [ErrorEquals, Next] at /States/S/Catch[0]"]),
        (
            r#"[{"ErrorEquals":["States.ALL","A"],"Next":"S"}]"#,
            &["States.ALL must appear alone and at end of list at /States/S/Catch[0]/ErrorEquals[0]"],
        ),
        (
            r#"[{"ErrorEquals":["A"],"Next":"S","ResultPath":"a"}]"#,
            &["Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Catch[0]/ResultPath"],
        ),
        (
            r#"[{"ErrorEquals":["A"],"Next":"S","Output":{}}]"#,
            &["The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' \
               QueryLanguage at /States/S/Catch[0]"],
        ),
        (r#"[{"ErrorEquals":["A"],"Next":"S","Assign":{}}]"#, &[]),
    ];
    for (catch, expected) in table {
        let state = task(&format!(r#""Catch":{catch}"#));
        assert_eq!(said(&machine(&state), MachineType::Standard), *expected, "{catch}");
    }
}

#[test]
fn rules_have_one_condition() {
    const SELECTORS: &str = "The object must have only one of the following fields, \
                             [And, Or, Not, Variable, Condition] at /States/C/Choices[0]";
    const OPERATORS: &str = "[StringEquals, IsBoolean, StringLessThan, IsNumeric, BooleanEquals, \
        StringLessThanEqualsPath, NumericLessThan, NumericGreaterThan, NumericLessThanPath, StringMatches, \
        TimestampLessThanEqualsPath, NumericEquals, TimestampGreaterThan, StringGreaterThanEqualsPath, \
        TimestampGreaterThanEqualsPath, TimestampLessThanEquals, NumericLessThanEqualsPath, TimestampEquals, \
        BooleanEqualsPath, IsTimestamp, StringLessThanEquals, NumericLessThanEquals, StringLessThanPath, \
        TimestampGreaterThanPath, StringGreaterThan, StringGreaterThanPath, IsString, StringEqualsPath, \
        TimestampEqualsPath, TimestampLessThan, StringGreaterThanEquals, NumericGreaterThanPath, \
        NumericGreaterThanEquals, NumericEqualsPath, TimestampLessThanPath, IsNull, IsPresent, \
        TimestampGreaterThanEquals, NumericGreaterThanEqualsPath] at /States/C/Choices[0]";
    let none = format!("This object should have only one of the following fields: {OPERATORS}");
    let several = format!("There should only be one of the following fields: {OPERATORS}");
    let table: &[(&str, &[&str])] = &[
        (r#"{"Variable":"$.a","StringEquals":"x","Comment":"c"}"#, &[]),
        (r#"{"Variable":"$$.Execution.Name","StringEqualsPath":"$$.State.Name"}"#, &[]),
        (r#"{"Variable":"$.a[0]['b']","NumericLessThan":1.5}"#, &[]),
        (
            r#"{"And":[{"Variable":"$.a","IsPresent":true,"Comment":"c"},{"Not":{"Variable":"$.a","IsNull":true}}]}"#,
            &[],
        ),
        (r#"{"Variable":"$.a"}"#, &[&none]),
        (r#"{"Variable":"$.a","IsNull":true,"IsString":true}"#, &[&several]),
        ("{}", &[SELECTORS]),
        (r#"{"Variable":"$.a","IsNull":true,"Not":{"Variable":"$.a","IsNull":true}}"#, &[SELECTORS]),
        (r#"{"And":[]}"#, &["Value cannot be empty at /States/C/Choices[0]/And"]),
        (r#"{"Or":[]}"#, &["Value cannot be empty at /States/C/Choices[0]/Or"]),
        (
            r#"{"Or":[{"Variable":"$.a","IsNull":true,"Next":"S"}]}"#,
            &["Field 'Next' is not supported at /States/C/Choices[0]/Or[0]"],
        ),
        (
            r#"{"Not":{"Variable":"$.a","IsNull":true},"IsNull":true}"#,
            &["Field 'IsNull' is not supported at /States/C/Choices[0]"],
        ),
        (
            r#"{"Variable":"$.a","isNull":true,"IsNull":true}"#,
            &["Field 'isNull' is not supported at /States/C/Choices[0]"],
        ),
        (
            r#"{"Variable":"Test","StringMatches":"Test"}"#,
            &["Value is not a Reference Path: Reference path didn't start with '$' at /States/C/Choices[0]/Variable"],
        ),
        (
            r#"{"Variable":"$.a[?(@.b)]","IsNull":true}"#,
            &["Value is not a Reference Path: '[' must be followed by ' or '[' at /States/C/Choices[0]/Variable"],
        ),
        (
            r#"{"Variable":"$.a","StringEquals":5}"#,
            &["Expected value of type String at /States/C/Choices[0]/StringEquals"],
        ),
        (
            r#"{"Variable":"$.a","NumericEquals":"5"}"#,
            &["Expected value of type Number at /States/C/Choices[0]/NumericEquals"],
        ),
        (r#"{"Variable":"$.a","IsNull":"true"}"#, &["Expected value of type Boolean at /States/C/Choices[0]/IsNull"]),
        (
            r#"{"Variable":"$.a","TimestampEquals":"2016-03-14"}"#,
            &["String does not match RFC3339 timestamp at /States/C/Choices[0]/TimestampEquals"],
        ),
        (
            r#"{"Condition":"{% true %}"}"#,
            &["The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' \
               QueryLanguage at /States/C/Choices[0]"],
        ),
        (r#"{"Variable":"$.a","IsNull":true,"Assign":{"a":1}}"#, &[]),
    ];
    for (rule, expected) in table {
        let rule = rule.strip_prefix('{').expect("an object");
        let rule = if rule == "}" { String::from("}") } else { format!(",{rule}") };
        let definition = format!(
            r#"{{"StartAt":"C","States":{{"C":{{"Type":"Choice","Choices":[{{"Next":"S"{rule}],"Default":"S"}},
                 "S":{{"Type":"Succeed"}}}}}}"#
        );
        assert_eq!(said(&definition, MachineType::Standard), *expected, "{rule}");
    }
}

#[test]
fn choices_have_rules_that_go_on() {
    const NO_END: &str = "MISSING_END_STATE: Workflow has no terminal state at null";
    check_states(&[
        (r#""Type":"Choice""#, &["These fields are required: [Choices] at /States/S", NO_END]),
        (r#""Type":"Choice","Choices":[]"#, &["Value cannot be empty at /States/S/Choices", NO_END]),
        (
            r#""Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true}]"#,
            &["These fields are required: [Next] at /States/S/Choices[0]", NO_END],
        ),
        (
            r#""Type":"Choice","Choices":[true],"Next":"S""#,
            &[
                "Field 'Next' is not supported at /States/S",
                "Expected value of type Object at /States/S/Choices[0]",
                NO_END,
            ],
        ),
    ]);
}
