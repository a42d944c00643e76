use super::*;
use crate::json::Value;

fn value(text: &str) -> Value {
    Value::parse(text).expect("valid JSON")
}

fn action(name: &str) -> (&'static Service, &'static Operation) {
    let (service, action) = name.split_once(':').expect("a service and an action");
    let service = find(service).expect("a known service");
    (service, service.action(action).expect("a known action"))
}

#[test]
fn every_service_of_the_table_can_be_read() {
    let services: Vec<_> = names().filter_map(find).collect();
    assert_eq!(services.len(), names().count());
    assert!(names().is_sorted());
    for service in services {
        let context = service.name;
        assert!(!service.protocols.is_empty() && !service.operations().is_empty(), "{context}");
        assert!(service.operations().iter().map(|operation| operation.name).is_sorted(), "{context}");
        assert!(service.errors().iter().map(|(code, _)| code).is_sorted(), "{context}");
        let count = service.shapes.len() as u32;
        for shape in &service.shapes {
            let inside = match &shape.kind {
                Kind::Structure { members, .. } => members.iter().map(|member| member.shape).collect(),
                Kind::List { item, .. } => vec![*item],
                Kind::Map { key, value, .. } => vec![*key, *value],
                _ => Vec::new(),
            };
            assert!(inside.iter().all(|id| id.0 < count), "{context}");
        }
        for operation in service.operations() {
            assert!(operation.places < service.places.len(), "{context}");
        }
    }
}

#[test]
fn services_are_found_by_the_names_that_step_functions_has_for_them() {
    for (name, prefix, id, signing_name, protocol) in [
        ("dynamodb", "DynamoDb", "DynamoDB", "dynamodb", Protocol::Json),
        ("sfn", "Sfn", "SFN", "states", Protocol::Json),
        ("eventbridge", "EventBridge", "EventBridge", "events", Protocol::Json),
        ("cloudwatchlogs", "CloudWatchLogs", "CloudWatch Logs", "logs", Protocol::Json),
        (
            "cognitoidentityprovider",
            "CognitoIdentityProvider",
            "Cognito Identity Provider",
            "cognito-idp",
            Protocol::Json,
        ),
        ("config", "Config", "Config Service", "config", Protocol::Json),
        ("databasemigration", "DatabaseMigration", "Database Migration Service", "dms", Protocol::Json),
        ("iotanalytics", "", "", "", Protocol::Json),
        ("memorydb", "MemoryDb", "MemoryDB", "memorydb", Protocol::Cbor),
        ("cloudhsmv2", "CloudHsmV2", "CloudHSM V2", "cloudhsm", Protocol::Cbor),
        ("sesv2", "SesV2", "SESv2", "ses", Protocol::RestJson),
        ("sagemakera2iruntime", "SageMakerA2IRuntime", "SageMaker A2I Runtime", "sagemaker", Protocol::RestJson),
        ("fsx", "FSx", "FSx", "fsx", Protocol::Json),
        ("mturk", "MTurk", "MTurk", "mturk-requester", Protocol::Json),
        ("s3", "S3", "S3", "s3", Protocol::RestXml),
        ("sns", "Sns", "SNS", "sns", Protocol::Query),
        ("ec2", "Ec2", "EC2", "ec2", Protocol::Ec2),
        ("wafv2", "Wafv2", "WAFV2", "wafv2", Protocol::Json),
    ] {
        let found = find(name).map(|s| (s.prefix, s.id, s.signing_name, s.protocols[0]));
        assert_eq!(found, (!prefix.is_empty()).then_some((prefix, id, signing_name, protocol)), "{name}");
    }
    // The last of these are services, but none of Step Functions'.
    for name in ["", "DynamoDb", "dynamo", "states", "logs", "aws-sdk", "events", "apigatewaymanagementapi", "simpledb"]
    {
        assert!(find(name).is_none(), "{name}");
    }
}

#[test]
fn endpoints_are_configured_as_for_the_sdks() {
    for (name, variable) in [
        ("dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"),
        ("apigateway", "AWS_ENDPOINT_URL_API_GATEWAY"),
        ("secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        ("cloudwatchlogs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
        ("sfn", "AWS_ENDPOINT_URL_SFN"),
    ] {
        assert_eq!(find(name).map(Service::endpoint_variable).as_deref(), Some(variable));
    }
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    assert!(names().filter_map(find).all(|service| service.endpoint_variable().chars().all(plain)));
    assert!(names().filter_map(find).all(|service| is_endpoint_variable(&service.endpoint_variable())));
    for variable in
        ["AWS_ENDPOINT_URL_DYNAMO_DB", "AWS_ENDPOINT_URL_dynamodb", "AWS_ENDPOINT_URL_", "DYNAMODB_ENDPOINT"]
    {
        assert!(!is_endpoint_variable(variable), "{variable}");
    }
}

#[test]
fn actions_are_operations_in_lower_camel_case() {
    for (service, action, operation) in [
        ("dynamodb", "putItem", Some("PutItem")),
        ("dynamodb", "PutItem", None),
        ("dynamodb", "putitem", None),
        ("dynamodb", "", None),
        ("sfn", "startSyncExecution", Some("StartSyncExecution")),
        ("cloudfront", "createDistribution", Some("CreateDistribution")),
        ("cloudfront", "createDistribution2020_05_31", None),
        ("s3", "selectObjectContent", Some("SelectObjectContent")),
        ("s3", "é", None),
    ] {
        let found = find(service).and_then(|service| service.action(action));
        assert_eq!(found.map(|operation| operation.name), operation, "{service}:{action}");
    }
    for (name, refused) in [
        ("dynamodb:putItem", None),
        ("lambda:invokeAsync", Some(Refusal::Documented)),
        ("s3:selectObjectContent", Some(Refusal::Documented)),
        ("dataexchange:sendApiAsset", Some(Refusal::Documented)),
        ("dataexchange:getDataSet", None),
        ("bedrockruntime:invokeModelWithResponseStream", Some(Refusal::Documented)),
        ("polly:startSpeechSynthesisStream", Some(Refusal::EventStream)),
        ("bedrockruntime:invokeModel", None),
    ] {
        assert_eq!(action(name).1.refused, refused, "{name}");
    }
}

#[test]
fn errors_have_the_names_of_javas_classes() {
    for (service, code, class) in [
        ("s3", "NoSuchKey", Some("NoSuchKeyException")),
        ("s3", "AccessDenied", None),
        ("sfn", "InvalidToken", Some("InvalidTokenException")),
        ("dynamodb", "ResourceNotFoundException", Some("ResourceNotFoundException")),
        ("sns", "NotFound", Some("NotFoundException")),
        ("rds", "DBInstanceNotFound", Some("DbInstanceNotFoundException")),
        ("rds", "DBInstanceNotFoundFault", Some("DbInstanceNotFoundException")),
        ("lambda", "EC2UnexpectedException", Some("Ec2UnexpectedException")),
        ("secretsmanager", "ValidationException", None),
    ] {
        assert_eq!(find(service).and_then(|service| service.exception(code)), class, "{service} {code}");
    }
}

#[test]
fn parameters_are_checked_against_the_api() {
    use Form::{JsonPath, Jsonata, Values};
    let not_supported = |name: &str| format!("The field \"{name}\" is not supported by Step Functions");
    let wrong_type = |name: &str, wanted: &str| format!("The value for the field '{name}' must be a {wanted}");
    let wrong_format = |name: &str| format!("The value of the field '{name}' has an invalid format");
    for (name, form, parameters, expected) in [
        ("dynamodb:putItem", Values, r#"{"TableName":"t","Item":{"id":{"S":"1"},"n":{"N":"1"}}}"#, vec![]),
        ("dynamodb:putItem", Values, r#"{"TableName":"t","Item":null}"#, vec![]),
        ("dynamodb:putItem", Values, r#"{"tableName":"t"}"#, vec![not_supported("tableName")]),
        ("dynamodb:putItem", Values, r#"{"Item":{"n":{"N":1}}}"#, vec![wrong_type("N", "STRING")]),
        ("dynamodb:putItem", Values, r#"{"Item":{"n":{"X":1}}}"#, vec![not_supported("X")]),
        ("dynamodb:putItem", Values, r#"{"Item":[]}"#, vec![wrong_format("Item")]),
        ("dynamodb:putItem", Values, r#"{"Item":{"l":{"L":{}}}}"#, vec![wrong_format("L")]),
        ("dynamodb:query", Values, r#"{"Limit":1.0,"ScanIndexForward":true}"#, vec![]),
        (
            "dynamodb:query",
            Values,
            r#"{"Limit":1.5,"ScanIndexForward":"true"}"#,
            vec![wrong_type("Limit", "INTEGER"), wrong_type("ScanIndexForward", "BOOLEAN")],
        ),
        ("dynamodb:query", Values, r#"{"Limit":2147483648}"#, vec![wrong_type("Limit", "INTEGER")]),
        ("dynamodb:putItem", Values, r#"{"TableName.$":"$.t"}"#, vec![not_supported("TableName.$")]),
        ("dynamodb:putItem", JsonPath, r#"{"TableName.$":"$.t","Item":{"id":{"S.$":"$.id"}}}"#, vec![]),
        ("dynamodb:putItem", JsonPath, r#"{"Item":{"id":{"X.$":"$.id"}}}"#, vec![not_supported("X")]),
        ("dynamodb:query", Jsonata, r#"{"Limit":"{% $n %}"}"#, vec![]),
        ("dynamodb:query", Jsonata, r#"{"Limit":"5"}"#, vec![wrong_type("Limit", "INTEGER")]),
        ("s3:putObject", Values, r#"{"Bucket":"b","Key":"k","Body":{"any":["JSON",1,false]}}"#, vec![]),
        ("sfn:startExecution", Values, r#"{"StateMachineArn":"a","Input":{"a":1}}"#, vec![]),
        ("sfn:startExecution", Values, r#"{"stateMachineArn":"a"}"#, vec![not_supported("stateMachineArn")]),
        ("rds:describeDBInstances", Values, r#"{"DbInstanceIdentifier":"d"}"#, vec![]),
        (
            "rds:describeDBInstances",
            Values,
            r#"{"DBInstanceIdentifier":"d"}"#,
            vec![not_supported("DBInstanceIdentifier")],
        ),
        (
            "rds:copyDBSnapshot",
            Values,
            r#"{"SourceRegion":"us-east-1"}"#,
            vec!["Stepwell does not support the field SourceRegion of AWS's SDK for Java yet".to_owned()],
        ),
        ("dynamodb:putItem", Values, r#"{"Item":{"a":{"Bool":true},"b":{"Nul":true},"c":{"Ss":["s"]}}}"#, vec![]),
        ("dynamodb:putItem", Values, r#"{"Item":{"a":{"BOOL":true}}}"#, vec![not_supported("BOOL")]),
        ("s3:listBuckets", Values, "{}", vec![]),
        ("sts:getCallerIdentity", Values, r#"{"A":1}"#, vec![not_supported("A")]),
        ("scheduler:createSchedule", Values, r#"{"StartDate":"2024-01-31T12:00:00Z"}"#, vec![]),
        ("scheduler:createSchedule", Values, r#"{"StartDate":"today"}"#, vec![wrong_type("StartDate", "TIMESTAMP")]),
    ] {
        let (service, operation) = action(name);
        let found = Call::of(service, operation).check(&value(parameters), form);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{name} {parameters}");
    }
}

#[test]
fn optimised_integrations_have_the_names_of_the_api() {
    let call = optimised("dynamodb", "putItem").expect("an integration");
    for (parameters, expected) in [
        (r#"{"Item":{"a":{"BOOL":true},"b":{"NULL":true}}}"#, vec![]),
        (r#"{"Item":{"a":{"Bool":true}}}"#, vec!["The field \"Bool\" is not supported by Step Functions"]),
    ] {
        let found = call.check(&value(parameters), Form::Values);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{parameters}");
    }
}

#[test]
fn members_that_the_api_requires_are_told() {
    for (name, form, parameters, expected) in [
        ("dynamodb:putItem", Form::Values, r#"{"TableName":"t"}"#, vec!["Item"]),
        ("dynamodb:putItem", Form::Values, r#"{"TableName":"t","Item":null}"#, vec!["Item"]),
        ("dynamodb:putItem", Form::JsonPath, r#"{"TableName.$":"$.t","Item":null}"#, vec![]),
        ("dynamodb:putItem", Form::Jsonata, r#""{% $all %}""#, vec![]),
        ("dynamodb:putItem", Form::JsonPath, "{}", vec!["TableName", "Item"]),
        ("sfn:startExecution", Form::Jsonata, r#"{"stateMachineArn":"a"}"#, vec!["StateMachineArn"]),
        // Required, but made up where it isn't given.
        ("emrserverless:startJobRun", Form::Values, r#"{"ApplicationId":"a"}"#, vec!["ExecutionRoleArn"]),
        ("s3:listBuckets", Form::Values, "{}", vec![]),
    ] {
        let (service, operation) = action(name);
        assert_eq!(Call::of(service, operation).missing(&value(parameters), form), expected, "{name} {parameters}");
    }
}

#[test]
fn a_mocked_result_has_the_form_of_the_apis() {
    for (name, result, strict, present) in [
        ("sfn:startExecution", "{}", Some("Required field 'ExecutionArn' is missing"), None),
        (
            "sfn:startExecution",
            r#"{"executionArn":"a","startDate":"b"}"#,
            Some("Required field 'ExecutionArn' is missing"),
            None,
        ),
        ("sfn:startExecution", r#"{"ExecutionArn":"arn","StartDate":"today","More":1}"#, None, None),
        (
            "sfn:startExecution",
            r#"{"ExecutionArn":"arn","StartDate":1764103483}"#,
            Some("Field 'StartDate' must be a string"),
            Some("Field 'StartDate' must be a string"),
        ),
        (
            "eventbridge:putEvents",
            r#"{"Entries":[{"EventId":"1"},{"EventId":["2"]}]}"#,
            Some("Field 'EventId' must be a string"),
            Some("Field 'EventId' must be a string"),
        ),
        (
            "eventbridge:putEvents",
            r#"{"Entries":"none"}"#,
            Some("Field 'Entries' must be an array"),
            Some("Field 'Entries' must be an array"),
        ),
        (
            "s3:getObject",
            r#"{"ContentLength":"9"}"#,
            Some("Field 'ContentLength' must be a number"),
            Some("Field 'ContentLength' must be a number"),
        ),
        (
            "s3:getObject",
            r#"{"StorageClass":"PAPYRUS"}"#,
            Some("Field 'StorageClass' is not an expected value"),
            Some("Field 'StorageClass' is not an expected value"),
        ),
        ("s3:getObject", r#"{"StorageClass":"GLACIER","Body":"text","DeleteMarker":false}"#, None, None),
        (
            "kms:encrypt",
            r#"{"CiphertextBlob":""}"#,
            Some("Field 'CiphertextBlob' is smaller than the minimum length"),
            Some("Field 'CiphertextBlob' is smaller than the minimum length"),
        ),
        (
            "lambda:getFunction",
            r#"{"Configuration":{"MemorySize":127}}"#,
            Some("Field 'MemorySize' is less than the minimum value"),
            Some("Field 'MemorySize' is less than the minimum value"),
        ),
        (
            "lambda:getFunction",
            r#"{"Configuration":{"MemorySize":10241}}"#,
            Some("Field 'MemorySize' exceeds the maximum value"),
            Some("Field 'MemorySize' exceeds the maximum value"),
        ),
        ("dynamodb:getItem", r#"{"Item":{"a":{"S":"x"},"b":{"L":[{"N":"1"}]}}}"#, None, None),
        (
            "dynamodb:getItem",
            r#"{"Item":{"b":{"L":[{"N":1}]}}}"#,
            Some("Field 'N' must be a string"),
            Some("Field 'N' must be a string"),
        ),
        ("s3:deleteBucket", r#"{"whatever":1}"#, None, None),
    ] {
        let (service, operation) = action(name);
        let check =
            |mode| Call::of(service, operation).check_result(&value(result), mode).first().map(ToString::to_string);
        assert_eq!(check(Mode::Strict).as_deref(), strict, "{name} {result}");
        assert_eq!(check(Mode::Present).as_deref(), present, "{name} {result}");
    }
}

#[test]
fn services_are_at_hosts_of_aws() {
    for (name, region, host, signing_region, signing_name) in [
        ("sqs:sendMessage", "eu-west-1", "sqs.eu-west-1.amazonaws.com", "eu-west-1", "sqs"),
        ("sqs:sendMessage", "cn-north-1", "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1", "sqs"),
        ("ses:sendEmail", "us-gov-west-1", "email.us-gov-west-1.amazonaws.com", "us-gov-west-1", "ses"),
        ("iam:getRole", "eu-west-1", "iam.amazonaws.com", "us-east-1", "iam"),
        ("iam:getRole", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1", "iam"),
        ("route53:listHostedZones", "eu-west-1", "route53.amazonaws.com", "us-east-1", "route53"),
        ("cloudfront:listDistributions", "us-east-1", "cloudfront.amazonaws.com", "us-east-1", "cloudfront"),
        (
            "organizations:listAccounts",
            "us-west-2",
            "organizations.us-east-1.amazonaws.com",
            "us-east-1",
            "organizations",
        ),
        ("sts:getCallerIdentity", "us-west-2", "sts.us-west-2.amazonaws.com", "us-west-2", "sts"),
        ("s3:listBuckets", "us-east-1", "s3.us-east-1.amazonaws.com", "us-east-1", "s3"),
        ("s3:listDirectoryBuckets", "us-east-1", "s3express-control.us-east-1.amazonaws.com", "us-east-1", "s3express"),
        ("bedrockruntime:invokeModel", "xx-new-1", "bedrock-runtime.xx-new-1.amazonaws.com", "xx-new-1", "bedrock"),
    ] {
        let (service, operation) = action(name);
        let signing = Signing::V4 { region: signing_region.into(), name: signing_name };
        assert_eq!(
            service.aws_host(operation, region),
            Some(AwsHost { name: host.to_owned(), signing }),
            "{name} {region}"
        );
    }
    let (service, operation) = action("codecatalyst:getUserDetails");
    assert_eq!(service.aws_host(operation, "us-east-1").map(|host| host.signing), Some(Signing::Other("bearer")));
    let (service, operation) = action("cloudfrontkeyvaluestore:getKey");
    assert_eq!(service.aws_host(operation, "us-east-1"), None);
}
