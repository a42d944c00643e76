//! The options as clap sees them: names and help. Values are read in the parent module, since a variable may give them.

use clap::{ArgAction, Args, Parser};

const AFTER: &str = "\
More environment variables:
  AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL
          where functions are invoked, if LAMBDA_ENDPOINT is not set
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, AWS_ENDPOINT_URL
          where logs of executions are delivered to
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
          true: don't look at these
  AWS_REGION
          the region, if AWS_DEFAULT_REGION is not set
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
          what calls to endpoints are signed with; with --aws they are for AWS
          alone, as are AWS_PROFILE and all else that AWS's SDKs look for
          [default: the account as the key id, test as the secret]
  STEPWELL_ENDPOINT_ACCESS_KEY_ID, STEPWELL_ENDPOINT_SECRET_ACCESS_KEY,
  STEPWELL_ENDPOINT_SESSION_TOKEN
          what calls to endpoints are signed with in place of these
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
          http:// proxies that hosts other than this machine are called through,
          and the hosts that are not; the names in lower case come first
  AWS_CA_BUNDLE
          file of certificates that https:// endpoints are checked with
          [default: those of the system, else Mozilla's]

A flag outranks a variable, a variable the configuration file, a special
variable a general one. The options of
AWS Step Functions Local are understood in its own spelling too: -account,
-region, -waitTimeScale, -lambdaEndpoint and so on.";

#[derive(Parser)]
#[command(
    name = "stepwell",
    version,
    about = "AWS Step Functions on your own machine",
    after_help = AFTER,
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    max_term_width = 120
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Option<Subcommand>,

    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(flatten)]
    pub serve: Serve,
}

#[derive(clap::Subcommand)]
pub(super) enum Subcommand {
    /// Run the server; the same as no command at all
    #[command(after_help = AFTER)]
    Serve(Box<Serve>),
    /// Ask a running server whether it is well: exit status 0 if it is, 1 if not
    Health(Address),
}

#[derive(Args)]
pub(super) struct Address {
    /// JSON file with settings: an object with the names of flags (without the dashes); "endpoint" is the URL of all
    /// services, "endpoints" has URLs by services' names in aws-sdk:, "lambda-functions" by functions' names
    /// [env: STEPWELL_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,

    /// Address to listen on; 0.0.0.0 for all of this machine's [env: STEPWELL_HOST] [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<String>,

    /// Port to listen on; 0 for any free one [env: STEPWELL_PORT] [default: 8083]
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
}

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub address: Address,

    /// Account of requests whose access key id is not an account of twelve digits itself [env: AWS_ACCOUNT_ID]
    /// [default: 123456789012]
    #[arg(long, value_name = "ACCOUNT")]
    pub aws_account: Option<String>,

    /// Region of requests that are not signed for another one [env: AWS_DEFAULT_REGION] [default: us-east-1]
    #[arg(long, value_name = "REGION")]
    pub aws_region: Option<String>,

    /// Factor for the delays of Wait states: 0 does not wait, 0.5 half as long [env: WAIT_TIME_SCALE] [default: 1]
    #[arg(long, value_name = "FACTOR", allow_hyphen_values = true)]
    pub wait_time_scale: Option<String>,

    /// Call AWS, with the user's own credentials, where a service has no endpoint [env: STEPWELL_AWS=true]
    /// [default: nothing is ever sent to AWS]
    #[arg(long)]
    pub aws: bool,

    /// URL where Lambda functions are invoked [env: LAMBDA_ENDPOINT] [default: none, Lambda tasks fail]
    #[arg(long, value_name = "URL")]
    pub lambda_endpoint: Option<String>,

    /// Function in a container of its own with Lambda's runtime, and the container's URL; may be given several times.
    /// NAME may have a qualifier (name:live) or be an ARN [env: STEPWELL_LAMBDA_FUNCTIONS=NAME=URL,NAME=URL]
    #[arg(long, value_name = "NAME=URL")]
    pub lambda_function: Vec<String>,

    /// URL of CloudWatch Logs, to which logs of executions are delivered
    /// [env: AWS_ENDPOINT_URL_CLOUDWATCH_LOGS] [default: none]
    #[arg(long, value_name = "URL")]
    pub cloudwatch_logs_endpoint: Option<String>,

    /// File to which logs of executions (as loggingConfiguration asks for) are appended as lines of JSON; - for
    /// standard output [env: STEPWELL_EXECUTION_LOG] [default: none]
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub execution_log: Option<String>,

    /// Mock configuration file, as of AWS Step Functions Local: executions that are started as <state machine ARN>#<test
    /// case> take the results of their calls from it [env: SFN_MOCK_CONFIG] [default: none]
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub mock_config: Option<String>,

    /// Fail executions that meet what is not as on AWS: mocked calls, local endpoints, scaled waits, what is kept but
    /// never done [env: STEPWELL_STRICT=true]
    #[arg(long)]
    pub strict: bool,

    /// Kinds of it that don't fail a strict execution, such as localEndpoint,roleNotAssumed [env: STEPWELL_ALLOW]
    #[arg(long, value_name = "KINDS")]
    pub allow: Option<String>,

    /// File of EventBridge connections, with which HTTP Tasks call APIs, and of addresses that take the place of APIs' URLs
    /// [env: STEPWELL_CONNECTIONS] [default: none]
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub connections: Option<String>,

    /// What to log to standard error, like info or stepwell=debug [env: STEPWELL_LOG] [default: warn]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,

    /// How lines of the log look: text or json [env: STEPWELL_LOG_FORMAT] [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,

    #[command(flatten)]
    pub services: Services,
}

/// Endpoints of services.
#[derive(Args)]
#[command(next_help_heading = "Where services are called")]
pub(super) struct Services {
    /// URL of AWS Batch [env: BATCH_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub batch_endpoint: Option<String>,

    /// URL of DynamoDB [env: DYNAMODB_ENDPOINT]
    #[arg(long = "dynamodb-endpoint", value_name = "URL")]
    pub dynamodb_endpoint: Option<String>,

    /// URL of Amazon ECS [env: ECS_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub ecs_endpoint: Option<String>,

    /// URL of AWS Glue [env: GLUE_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub glue_endpoint: Option<String>,

    /// URL of SageMaker [env: SAGE_MAKER_ENDPOINT]
    #[arg(long = "sagemaker-endpoint", value_name = "URL")]
    pub sagemaker_endpoint: Option<String>,

    /// URL of Amazon SQS [env: SQS_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub sqs_endpoint: Option<String>,

    /// URL of Amazon SNS [env: SNS_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub sns_endpoint: Option<String>,

    /// URL of Step Functions for aws-sdk:sfn; states:startExecution starts executions of this emulator [env: STEP_FUNCTIONS_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub step_functions_endpoint: Option<String>,
}

impl Services {
    /// Each flag with its value, the variable of AWS Step Functions Local and the service's name in those of AWS's SDKs.
    pub fn named(&self) -> [(&'static str, &Option<String>, &'static str, &'static str); 8] {
        [
            ("--batch-endpoint", &self.batch_endpoint, "BATCH_ENDPOINT", "BATCH"),
            ("--dynamodb-endpoint", &self.dynamodb_endpoint, "DYNAMODB_ENDPOINT", "DYNAMODB"),
            ("--ecs-endpoint", &self.ecs_endpoint, "ECS_ENDPOINT", "ECS"),
            ("--glue-endpoint", &self.glue_endpoint, "GLUE_ENDPOINT", "GLUE"),
            ("--sagemaker-endpoint", &self.sagemaker_endpoint, "SAGE_MAKER_ENDPOINT", "SAGEMAKER"),
            ("--sqs-endpoint", &self.sqs_endpoint, "SQS_ENDPOINT", "SQS"),
            ("--sns-endpoint", &self.sns_endpoint, "SNS_ENDPOINT", "SNS"),
            ("--step-functions-endpoint", &self.step_functions_endpoint, "STEP_FUNCTIONS_ENDPOINT", "SFN"),
        ]
    }
}
