//! What AWS Step Functions Local takes: its one-dash flags.

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
