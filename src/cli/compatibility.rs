//! What AWS Step Functions Local takes: its one-dash flags, and endpoints of services that Stepwell doesn't call yet.

use super::Environment;
use super::options::Serve;

/// One-dash flags of the original and ours.
const ONE_DASH: [(&str, &str); 12] = [
    ("-account", "--aws-account"),
    ("-region", "--aws-region"),
    ("-waitTimeScale", "--wait-time-scale"),
    ("-lambdaEndpoint", "--lambda-endpoint"),
    ("-batchEndpoint", "--batch-endpoint"),
    ("-dynamoDBEndpoint", "--dynamodb-endpoint"),
    ("-ecsEndpoint", "--ecs-endpoint"),
    ("-glueEndpoint", "--glue-endpoint"),
    ("-sageMakerEndpoint", "--sagemaker-endpoint"),
    ("-sqsEndpoint", "--sqs-endpoint"),
    ("-snsEndpoint", "--sns-endpoint"),
    ("-stepFunctionsEndpoint", "--step-functions-endpoint"),
];

/// The argument as this program spells it: `-account=1` becomes `--aws-account=1`, everything else stays.
pub(super) fn modern_flag(argument: String) -> String {
    let (name, value) = argument.split_once('=').map_or((argument.as_str(), None), |(name, value)| (name, Some(value)));
    match (ONE_DASH.iter().find(|(old, _)| *old == name), value) {
        (None, _) => argument,
        (Some((_, new)), None) => (*new).to_owned(),
        (Some((_, new)), Some(value)) => format!("{new}={value}"),
    }
}

/// A warning for every endpoint that was given and that nothing calls yet.
pub(super) fn unused_endpoints(options: &Serve, environment: &Environment<'_>) -> Vec<String> {
    let later = &options.later;
    let original = [
        ("--batch-endpoint", &later.batch_endpoint, "BATCH_ENDPOINT", "AWS Batch"),
        ("--dynamodb-endpoint", &later.dynamodb_endpoint, "DYNAMODB_ENDPOINT", "DynamoDB"),
        ("--ecs-endpoint", &later.ecs_endpoint, "ECS_ENDPOINT", "Amazon ECS"),
        ("--glue-endpoint", &later.glue_endpoint, "GLUE_ENDPOINT", "AWS Glue"),
        ("--sagemaker-endpoint", &later.sagemaker_endpoint, "SAGE_MAKER_ENDPOINT", "SageMaker"),
        ("--sqs-endpoint", &later.sqs_endpoint, "SQS_ENDPOINT", "Amazon SQS"),
        ("--sns-endpoint", &later.sns_endpoint, "SNS_ENDPOINT", "Amazon SNS"),
        ("--step-functions-endpoint", &later.step_functions_endpoint, "STEP_FUNCTIONS_ENDPOINT", "Step Functions"),
    ];
    let mut warnings: Vec<String> = original
        .into_iter()
        .filter_map(|(flag, given, variable, service)| {
            let setting = environment.choose(flag, given, &[variable])?;
            Some(warning(setting.source, service))
        })
        .collect();
    if !environment.ignores_sdk_endpoints() {
        let unused = |name: &&str| {
            !matches!(*name, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" | "AWS_ENDPOINT_URL_LAMBDA" | "AWS_ENDPOINT_URL_SFN")
        };
        let mut named: Vec<&str> = environment
            .0
            .iter()
            .filter(|(name, value)| name.starts_with("AWS_ENDPOINT_URL_") && !value.is_empty())
            .map(|(name, _)| name.as_str())
            .filter(unused)
            .collect();
        named.sort_unstable();
        warnings.extend(named.iter().map(|name| warning(name, &name["AWS_ENDPOINT_URL_".len()..])));
    }
    warnings
}

fn warning(source: &str, service: &str) -> String {
    format!("{source} is not used yet: Stepwell does not call {service} so far")
}
