//! What requests look like, what answers mean. The requests were compared with those that botocore makes of the same
//! parameters, for all operations of all services.

mod malformed;

use super::*;
use crate::service_model::Protocol;
use hyper::header::{HeaderName, HeaderValue};

fn target(name: &str) -> Target {
    let (service, action) = name.split_once(':').expect("a service and an action");
    Target::find(service, action).expect("a known action")
}

fn value(text: &str) -> Value {
    Value::parse(text).expect("valid JSON")
}

/// The request as text: method and address, headers, and the body after an empty line.
fn request(target: &Target, parameters: &str) -> String {
    let request = encode(target, &value(parameters), "the-token").expect("a request");
    let question_mark = if request.query.is_empty() { "" } else { "?" };
    let mut text = format!("{} {}{question_mark}{}\n", request.method, request.path, request.query);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if !request.body.is_empty() {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&request.body));
    }
    text
}

/// What an answer means: the result's text, or the error's name and cause, or why it can't be read.
fn meaning(target: &Target, status: u16, headers: &[(&str, &str)], body: &[u8]) -> String {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        })
        .collect();
    match decode(target, Response { status, headers: &headers, body }) {
        Ok(result) => result.to_text(),
        Err(Fault::Service(error)) => format!("{}: {}", error.name(target.service), error.cause(target.service)),
        Err(Fault::Unreadable(problem)) => problem.to_string(),
    }
}

#[test]
fn aws_json_sends_the_target_in_a_header() {
    for (name, parameters, expected) in [
        (
            "dynamodb:putItem",
            r#"{"TableName":"t","Item":{"id":{"S":"1"},"blob":{"B":"text"},"l":{"L":[{"Bool":true},{"N":"1"}]}},"ReturnValues":null}"#,
            concat!(
                "POST /\ncontent-type: application/x-amz-json-1.0\nx-amz-target: DynamoDB_20120810.PutItem\n\n",
                r#"{"TableName":"t","Item":{"id":{"S":"1"},"blob":{"B":"dGV4dA=="},"l":{"L":[{"BOOL":true},{"N":"1"}]}}}"#,
            ),
        ),
        (
            "secretsmanager:createSecret",
            r#"{"Name":"s","SecretString":{"a":[1, 2]}}"#,
            concat!(
                "POST /\ncontent-type: application/x-amz-json-1.1\nx-amz-target: secretsmanager.CreateSecret\n\n",
                r#"{"Name":"s","ClientRequestToken":"the-token","SecretString":"{\"a\":[1,2]}"}"#,
            ),
        ),
        (
            "sfn:startExecution",
            r#"{"StateMachineArn":"arn","Input":{"a":1}}"#,
            concat!(
                "POST /\ncontent-type: application/x-amz-json-1.0\nx-amz-target: AWSStepFunctions.StartExecution\n\n",
                r#"{"stateMachineArn":"arn","input":"{\"a\":1}"}"#,
            ),
        ),
        (
            "cloudwatch:getMetricStatistics",
            r#"{"Namespace":"n","MetricName":"m","StartTime":"2024-01-31T12:34:56Z","EndTime":"2024-01-31T13:34:56.5+01:00","Period":60.0}"#,
            concat!(
                "POST /\ncontent-type: application/x-amz-json-1.0\n",
                "x-amz-target: GraniteServiceVersion20100801.GetMetricStatistics\nx-amzn-query-mode: true\n\n",
                r#"{"Namespace":"n","MetricName":"m","StartTime":1706704496,"EndTime":1706704496.5,"Period":60}"#,
            ),
        ),
        (
            "sqs:sendMessage",
            r#"{"QueueUrl":"http://q","MessageBody":"m"}"#,
            concat!(
                "POST /\ncontent-type: application/x-amz-json-1.0\nx-amz-target: AmazonSQS.SendMessage\n",
                "x-amzn-query-mode: true\n\n",
                r#"{"QueueUrl":"http://q","MessageBody":"m"}"#,
            ),
        ),
    ] {
        assert_eq!(request(&target(name), parameters), expected, "{name}");
    }
}

#[test]
fn the_query_protocols_send_forms() {
    const HEAD: &str = "POST /\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\n\n";
    for (name, parameters, expected) in [
        ("sts:getCallerIdentity", "{}", "Action=GetCallerIdentity&Version=2011-06-15"),
        (
            "sns:publish",
            r#"{"TopicArn":"arn:t","Message":{"a":1},"MessageAttributes":{"k":{"DataType":"Binary","BinaryValue":"b"}}}"#,
            concat!(
                "Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=%7B%22a%22%3A1%7D",
                "&MessageAttributes.entry.1.Name=k&MessageAttributes.entry.1.Value.DataType=Binary",
                "&MessageAttributes.entry.1.Value.BinaryValue=Yg%3D%3D",
            ),
        ),
        (
            "iam:createRole",
            r#"{"RoleName":"r","AssumeRolePolicyDocument":"{}","Tags":[{"Key":"a","Value":"b c"}]}"#,
            concat!(
                "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D",
                "&Tags.member.1.Key=a&Tags.member.1.Value=b%20c",
            ),
        ),
        (
            "rds:describeDBInstances",
            r#"{"Filters":[{"Name":"n","Values":["a","b"]}],"MaxRecords":20}"#,
            concat!(
                "Action=DescribeDBInstances&Version=2014-10-31&Filters.Filter.1.Name=n",
                "&Filters.Filter.1.Values.Value.1=a&Filters.Filter.1.Values.Value.2=b&MaxRecords=20",
            ),
        ),
        ("iam:listRoles", r#"{"MaxItems":5}"#, "Action=ListRoles&Version=2010-05-08&MaxItems=5"),
        (
            "autoscaling:describeAutoScalingGroups",
            r#"{"AutoScalingGroupNames":[]}"#,
            "Action=DescribeAutoScalingGroups&Version=2011-01-01&AutoScalingGroupNames=",
        ),
        (
            "ec2:describeInstances",
            r#"{"InstanceIds":["i-1","i-2"],"Filters":[{"Name":"a","Values":["b"]}],"DryRun":true}"#,
            concat!(
                "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2&DryRun=true",
                "&Filter.1.Name=a&Filter.1.Value.1=b",
            ),
        ),
    ] {
        assert_eq!(request(&target(name), parameters), format!("{HEAD}{expected}"), "{name}");
    }
}

#[test]
fn rest_puts_members_into_path_query_headers_and_body() {
    for (name, parameters, expected) in [
        ("s3:listBuckets", "{}", "GET /\n"),
        (
            "s3:getObject",
            r#"{"Bucket":"b","Key":"a b/ü+?.txt","VersionId":"1/2","IfModifiedSince":"2024-01-31T12:34:56Z"}"#,
            "GET /b/a%20b/%C3%BC%2B%3F.txt?versionId=1%2F2\nif-modified-since: Wed, 31 Jan 2024 12:34:56 GMT\n",
        ),
        (
            "s3:putObject",
            r#"{"Bucket":"b","Key":"k","Body":{"Dict":"Value"},"Metadata":{"Name":"v"}}"#,
            concat!(
                "PUT /b/k\nx-amz-meta-name: v\ncontent-type: text/plain; charset=UTF-8\n",
                "x-amz-sdk-checksum-algorithm: CRC32\nx-amz-checksum-crc32: hnEfWw==\n\n",
                r#"{"Dict":"Value"}"#,
            ),
        ),
        (
            "s3:putObject",
            r#"{"Bucket":"b","Key":"k","Body":"x","ContentType":"a/b","ChecksumAlgorithm":"SHA256"}"#,
            concat!(
                "PUT /b/k\ncontent-type: a/b\nx-amz-sdk-checksum-algorithm: SHA256\n",
                "x-amz-checksum-sha256: ui30kDosFOhtw7zKWJEbRKwdJRS3Inv26wjPuXj1Whs=\n\n\"x\"",
            ),
        ),
        (
            "s3:deleteObjects",
            r#"{"Bucket":"b","Delete":{"Objects":[{"Key":"a&b"},{"Key":"c"}],"Quiet":true}}"#,
            concat!(
                "POST /b?delete\ncontent-type: application/xml\n",
                "x-amz-sdk-checksum-algorithm: CRC32\nx-amz-checksum-crc32: iymzEQ==\n\n",
                r#"<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key></Object>"#,
                "<Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>",
            ),
        ),
        (
            "s3:putBucketAcl",
            r#"{"Bucket":"b","AccessControlPolicy":{"Grants":[{"Grantee":{"Id":"1","Type":"CanonicalUser"},"Permission":"READ"}]}}"#,
            concat!(
                "PUT /b?acl\ncontent-type: application/xml\n",
                "x-amz-sdk-checksum-algorithm: CRC32\nx-amz-checksum-crc32: Jybisg==\n\n",
                r#"<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant>"#,
                r#"<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee>"#,
                "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
            ),
        ),
        (
            "route53:createHostedZone",
            r#"{"Name":"x.org","CallerReference":"1"}"#,
            concat!(
                "POST /2013-04-01/hostedzone\ncontent-type: application/xml\n\n",
                r#"<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">"#,
                "<Name>x.org</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>",
            ),
        ),
        (
            "lambda:invoke",
            r#"{"FunctionName":"arn:f","Payload":{"a":1},"InvocationType":"Event"}"#,
            concat!(
                "POST /2015-03-31/functions/arn%3Af/invocations\nx-amz-invocation-type: Event\n",
                "content-type: application/octet-stream\n\n",
                r#"{"a":1}"#,
            ),
        ),
        (
            "scheduler:createSchedule",
            r#"{"Name":"s","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":"a","RoleArn":"r","Input":{"b":1}},"StartDate":"2024-01-31T12:34:56Z"}"#,
            concat!(
                "POST /schedules/s\ncontent-type: application/json\n\n",
                r#"{"ScheduleExpression":"rate(1 day)","StartDate":1706704496,"Target":{"Arn":"a","RoleArn":"r","#,
                r#""Input":"{\"b\":1}"},"FlexibleTimeWindow":{"Mode":"OFF"},"ClientToken":"the-token"}"#,
            ),
        ),
        ("apigateway:getRestApis", r#"{"Limit":5}"#, "GET /restapis?limit=5\naccept: application/json\n"),
        (
            "apigateway:getExport",
            r#"{"RestApiId":"a","StageName":"s","ExportType":"oas30","Accepts":"application/yaml"}"#,
            "GET /restapis/a/stages/s/exports/oas30\naccept: application/yaml\n",
        ),
        (
            "eks:untagResource",
            r#"{"ResourceArn":"a:b/c","TagKeys":["x","y z"]}"#,
            "DELETE /tags/a%3Ab%2Fc?tagKeys=x&tagKeys=y%20z\n",
        ),
        ("glacier:listVaults", "{}", "GET /-/vaults\nx-amz-glacier-version: 2012-06-01\n"),
    ] {
        let found = request(&target(name), parameters);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn rpc_v2_sends_cbor() {
    let target = Target { protocol: Protocol::Cbor, ..target("cloudwatch:putMetricData") };
    let parameters = value(
        r#"{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1.5,"Timestamp":"2024-01-31T12:34:56Z","StorageResolution":1}]}"#,
    );
    let request = encode(&target, &parameters, "").expect("a request");
    assert_eq!(request.path, "/service/GraniteServiceVersion20100801/operation/PutMetricData");
    let headers: Vec<(&str, &str)> = request.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("smithy-protocol", "rpc-v2-cbor"),
            ("accept", "application/cbor"),
            ("content-type", "application/cbor"),
            ("x-amzn-query-mode", "true"),
        ]
    );
    // The notation of RFC 8949: {"Namespace": "n", "MetricData": [{"MetricName": "m", ...}]}
    let expected = [
        &b"\xa2\x69Namespace\x61n\x6aMetricData\x81\xa4"[..],
        b"\x6aMetricName\x61m",
        b"\x69Timestamp\xc1\x1a\x65\xba\x3e\x70",
        b"\x65Value\xfb\x3f\xf8\0\0\0\0\0\0",
        b"\x71StorageResolution\x01",
    ];
    assert_eq!(request.body, expected.concat());
}

#[test]
fn what_cannot_be_sent_is_told() {
    for (name, parameters, problem) in [
        ("s3:getObject", r#"{"Bucket":"b"}"#, "The field 'Key' is required but was missing"),
        ("s3:getObject", r#"{"Bucket":"","Key":"k"}"#, "The field 'Bucket' is required but was missing"),
        ("dynamodb:getItem", r#"{"Table":"b"}"#, "The field \"Table\" is not supported by Step Functions"),
        ("sts:getCallerIdentity", "[]", "The value of the field 'Parameters' has an invalid format"),
        ("sts:getCallerIdentity", "{}", ""),
        (
            "s3:putObject",
            r#"{"Bucket":"b","Key":"k","Body":"text","ContentLength":4}"#,
            "The value of the field 'ContentLength' has an invalid format",
        ),
        ("s3:putObject", r#"{"Bucket":"b","Key":"k","Body":"text","ContentLength":6}"#, ""),
    ] {
        let problems = encode(&target(name), &value(parameters), "").map_or_else(
            |problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            |_| String::new(),
        );
        assert_eq!(problems, problem, "{name} {parameters}");
    }
    for (service, action) in [("dynamodb", "putitem"), ("nothing", "putItem"), ("s3", "selectObjectContent")] {
        assert!(Target::find(service, action).is_none(), "{service}:{action}");
    }
}

#[test]
fn results_have_the_names_of_step_functions() {
    let datetime = ("x-amz-restore-output-path", "x");
    let object = [
        ("ETag", "\"e\""),
        ("Content-Length", "2"),
        ("Last-Modified", "Wed, 31 Jan 2024 12:34:56 GMT"),
        ("x-amz-meta-k", "v"),
        ("x-amz-delete-marker", "false"),
    ];
    for (name, headers, body, expected) in [
        ("dynamodb:putItem", &[][..], "{}", "{}"),
        ("dynamodb:putItem", &[], "", "{}"),
        (
            "dynamodb:getItem",
            &[],
            r#"{"Item":{"a":{"S":"x"},"b":{"B":"dGV4dA=="},"n":{"NULL":true}},"Unknown":1}"#,
            r#"{"Item":{"a":{"S":"x"},"b":{"B":"text"},"n":{"Nul":true}}}"#,
        ),
        (
            "dynamodb:getItem",
            &[],
            r#"{"Item":{"b":{"B":"gA=="}}}"#,
            "a member B that is not text in UTF-8: what Step Functions makes of other bytes is not known",
        ),
        (
            "sfn:startExecution",
            &[],
            r#"{"executionArn":"a","startDate":1.706704496789E9}"#,
            r#"{"ExecutionArn":"a","StartDate":"2024-01-31T12:34:56.789Z"}"#,
        ),
        ("secretsmanager:listSecrets", &[], r#"{"SecretList":[],"NextToken":null}"#, r#"{"SecretList":[]}"#),
        (
            "s3:getObject",
            &object,
            "{}",
            concat!(
                r#"{"DeleteMarker":false,"LastModified":"2024-01-31T12:34:56Z","ContentLength":2,"ETag":"\"e\"","#,
                r#""Metadata":{"k":"v"},"Body":"{}"}"#,
            ),
        ),
        ("s3:getObject", &[datetime], "", r#"{"Metadata":{},"Body":""}"#),
        (
            "s3:listObjectsV2",
            &[],
            concat!(
                r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>"#,
                "<Prefix/><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>",
                "<Contents><Key>a&amp;&#x62;</Key><LastModified>2024-01-31T12:34:56.000Z</LastModified></Contents>",
                "<Contents><Key><![CDATA[<c>]]></Key><Size>7</Size></Contents></ListBucketResult>",
            ),
            concat!(
                r#"{"IsTruncated":false,"Contents":[{"Key":"a&b","LastModified":"2024-01-31T12:34:56Z"},"#,
                r#"{"Key":"<c>","Size":7}],"Name":"b","Prefix":"","KeyCount":2}"#,
            ),
        ),
        ("s3:listBuckets", &[], "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>", r#"{"Buckets":[]}"#),
        (
            "s3:getBucketLocation",
            &[],
            r#"<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>"#,
            r#"{"LocationConstraint":"eu-west-1"}"#,
        ),
        ("s3:getBucketLocation", &[], "<LocationConstraint/>", "{}"),
        (
            "s3:copyObject",
            &[],
            "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>",
            r#"{"CopyObjectResult":{"ETag":"\"e\""}}"#,
        ),
        (
            "sns:publish",
            &[],
            "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata/></PublishResponse>",
            r#"{"MessageId":"1"}"#,
        ),
        (
            "sns:getTopicAttributes",
            &[],
            concat!(
                "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>1</value>",
                "</entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>",
            ),
            r#"{"Attributes":{"Owner":"1"}}"#,
        ),
        (
            "ec2:describeVpcs",
            &[],
            concat!(
                "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>v</vpcId><isDefault>false</isDefault>",
                "<tagSet><item><key>a</key><value>b</value></item></tagSet></item></vpcSet></DescribeVpcsResponse>",
            ),
            r#"{"Vpcs":[{"IsDefault":false,"Tags":[{"Key":"a","Value":"b"}],"VpcId":"v"}]}"#,
        ),
        (
            "route53:getHostedZone",
            &[],
            "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id><Name>x.org.</Name></HostedZone></GetHostedZoneResponse>",
            r#"{"HostedZone":{"Id":"Z1","Name":"x.org."}}"#,
        ),
        (
            "lambda:invoke",
            &[("x-amz-executed-version", "$LATEST")],
            r#"{"a":1}"#,
            r#"{"StatusCode":200,"ExecutedVersion":"$LATEST","Payload":"{\"a\":1}"}"#,
        ),
        (
            "eks:describeCluster",
            &[],
            r#"{"cluster":{"name":"c","createdAt":1706704496,"tags":{"someKey":"v"},"status":"ACTIVE"}}"#,
            r#"{"Cluster":{"Name":"c","CreatedAt":"2024-01-31T12:34:56Z","Status":"ACTIVE","Tags":{"someKey":"v"}}}"#,
        ),
        ("dynamodb:getItem", &[], "<html>", "Unexpected character ('<'"),
        ("s3:listBuckets", &[], "<a><b></a>", "ill-formed document"),
        ("s3:listBuckets", &[], "no XML", "the answer is not an XML document"),
        ("s3:listBuckets", &[], "<a>&nothing;</a>", "the XML of the answer has an unknown entity"),
    ] {
        let found = meaning(&target(name), 200, headers, body.as_bytes());
        assert!(found == expected || (!expected.starts_with('{') && found.contains(expected)), "{name}: {found}");
    }
}

#[test]
fn cbor_is_read_whatever_the_lengths_are_given_as() {
    let target = Target { protocol: Protocol::Cbor, ..target("cloudwatch:getMetricStatistics") };
    let definite = [
        &b"\xa2\x65Label\x61m\x6aDatapoints\x81\xa4"[..],
        b"\x69Timestamp\xc1\xfb\x41\xd9\x6e\x8f\x9c\x32\x7e\xfa",
        b"\x67Average\xf9\x3e\x00",
        b"\x63Sum\x18\x2a",
        b"\x67Unknown\x82\xf6\x61x",
    ];
    let indefinite = [
        &b"\xbf\x65Label\x7f\x61m\xff\x6aDatapoints\x9f\xbf"[..],
        b"\x69Timestamp\xc1\x1a\x65\xba\x3e\x70",
        b"\x67Average\xfa\x3d\xcc\xcc\xcd",
        b"\x63Sum\xfb\x7f\xf0\0\0\0\0\0\0",
        b"\x67Minimum\xf6\xff\xff\xff",
    ];
    for (body, expected) in [
        (
            definite.concat(),
            r#"{"Label":"m","Datapoints":[{"Timestamp":"2024-01-31T12:34:56.789Z","Average":1.5,"Sum":42}]}"#,
        ),
        (
            indefinite.concat(),
            r#"{"Label":"m","Datapoints":[{"Timestamp":"2024-01-31T12:34:56Z","Average":0.1,"Sum":"Infinity"}]}"#,
        ),
        (Vec::new(), "{}"),
    ] {
        assert_eq!(meaning(&target, 200, &[], &body), expected);
    }
    let cut_off = meaning(&target, 200, &[], &definite.concat()[..20]);
    assert!(!cut_off.starts_with('{'), "{cut_off}");
    let (tags, lists) = ([0xc1].repeat(100_000), [0x81].repeat(100_000));
    assert!(meaning(&target, 200, &[], &tags).contains("nested too deeply"));
    assert!(meaning(&target, 400, &[], &lists).starts_with("CloudWatch.CloudWatchException: "));
    let error = b"\xa2\x66__type\x78\x29com.amazonaws.cloudwatch#ResourceNotFound\x67message\x64none";
    let found = meaning(&target, 400, &[("x-amzn-requestid", "r")], error);
    let words = "none (Service: CloudWatch, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)";
    assert_eq!(found, format!("CloudWatch.ResourceNotFoundException: {words}"));
}

#[test]
fn errors_are_told_in_the_words_of_the_sdk_for_java() {
    let tail = |rest: &str| format!("{rest}) (SDK Attempt Count: 1)");
    let id = ("x-amzn-RequestId", "r1");
    for (name, status, headers, body, expected) in [
        (
            "dynamodb:putItem",
            400,
            &[id][..],
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#,
            "DynamoDb.ResourceNotFoundException: Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: r1",
        ),
        (
            "dynamodb:putItem",
            400,
            &[id],
            r#"{"__type":"com.amazon.coral.validate#ValidationException","Message":"1 validation error detected"}"#,
            "DynamoDb.DynamoDbException: 1 validation error detected (Service: DynamoDb, Status Code: 400, Request ID: r1",
        ),
        (
            "sfn:sendTaskSuccess",
            400,
            &[id],
            r#"{"__type":"InvalidToken","message":"Invalid Token: 'Invalid token'"}"#,
            "Sfn.InvalidTokenException: Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: r1",
        ),
        (
            "lambda:getFunction",
            404,
            &[id, ("x-amzn-ErrorType", "ResourceNotFoundException:http://internal/")],
            r#"{"Type":"User","Message":"Function not found: f"}"#,
            "Lambda.ResourceNotFoundException: Function not found: f (Service: Lambda, Status Code: 404, Request ID: r1",
        ),
        (
            "s3:listObjects",
            404,
            &[("x-amz-request-id", "r2"), ("x-amz-id-2", "h")],
            "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>",
            "S3.NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: r2, Extended Request ID: h",
        ),
        (
            "s3:getObject",
            403,
            &[],
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>r3</RequestId><HostId>h</HostId></Error>",
            "S3.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: r3, Extended Request ID: h",
        ),
        (
            "s3:copyObject",
            200,
            &[],
            "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>Try again.</Message></Error>",
            "S3.S3Exception: Try again. (Service: S3, Status Code: 200, Request ID: null",
        ),
        ("s3:headObject", 404, &[], "", "S3.NoSuchKeyException: null (Service: S3, Status Code: 404, Request ID: null"),
        (
            "s3:headBucket",
            404,
            &[],
            "",
            "S3.NoSuchBucketException: null (Service: S3, Status Code: 404, Request ID: null",
        ),
        (
            "sns:publish",
            404,
            &[],
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>r4</RequestId></ErrorResponse>",
            "Sns.NotFoundException: Topic does not exist (Service: Sns, Status Code: 404, Request ID: r4",
        ),
        (
            "rds:describeDBInstances",
            404,
            &[],
            "<ErrorResponse><Error><Code>DBInstanceNotFound</Code><Message>none</Message></Error></ErrorResponse>",
            "Rds.DbInstanceNotFoundException: none (Service: Rds, Status Code: 404, Request ID: null",
        ),
        (
            "ec2:describeInstances",
            400,
            &[],
            "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>none</Message></Error></Errors><RequestID>r5</RequestID></Response>",
            "Ec2.Ec2Exception: none (Service: Ec2, Status Code: 400, Request ID: r5",
        ),
        (
            "dynamodb:putItem",
            502,
            &[],
            "Bad Gateway",
            "DynamoDb.DynamoDbException: Bad Gateway (Service: DynamoDb, Status Code: 502, Request ID: null",
        ),
        (
            "dynamodb:putItem",
            503,
            &[],
            "",
            "DynamoDb.DynamoDbException: null (Service: DynamoDb, Status Code: 503, Request ID: null",
        ),
    ] {
        assert_eq!(meaning(&target(name), status, headers, body.as_bytes()), tail(expected), "{name}");
    }
}

#[test]
fn parameters_as_deep_as_the_language_allows_can_be_sent() {
    let levels = crate::quota::JSON_DEPTH / 2 - 2;
    let deep = format!("{}{}{}", r#"{"L":["#.repeat(levels), r#"{"S":"x"}"#, "]}".repeat(levels));
    let parameters = format!(r#"{{"TableName":"t","Item":{{"i":{deep}}}}}"#);
    assert!(request(&target("dynamodb:putItem"), &parameters).ends_with(&parameters));
    let cbor = Target { protocol: Protocol::Cbor, ..target("dynamodb:putItem") };
    assert!(encode(&cbor, &value(&parameters), "").is_ok());
    let elements = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(meaning(&target("s3:listBuckets"), 200, &[], elements.as_bytes()).contains("nested too deeply"));
}

proptest::proptest! {
    #[test]
    fn whatever_a_service_answers_is_read_or_told(
        bytes: Vec<u8>,
        text in "[\\[\\]{}<>/&;\"':,a-zA-Z0-9 =!-]{0,40}",
        status in proptest::sample::select(vec![200_u16, 204, 301, 400, 404, 500]),
    ) {
        for name in ["dynamodb:getItem", "sns:publish", "ec2:describeVpcs", "s3:getObject", "s3:listBuckets", "eks:describeCluster"] {
            let target = target(name);
            for body in [&bytes[..], text.as_bytes()] {
                meaning(&target, status, &[], body);
                meaning(&Target { protocol: Protocol::Cbor, ..target }, status, &[], body);
            }
        }
    }
}
