//! Answers with status 200 that are not of the operation: they are told, and never make a result.

use super::{meaning, target};
use crate::integrations::aws_sdk::Target;
use crate::service_model::Protocol;

#[test]
fn a_page_is_no_answer() {
    for name in [
        "s3:listBuckets",
        "s3:getBucketLocation",
        "s3:copyObject",
        "s3:putObject",
        "s3:deleteBucketPolicy",
        "ec2:describeInstances",
        "ec2:deleteVpc",
        "sns:publish",
        "sns:deleteTopic",
        "route53:getHostedZone",
        "sqs:deleteMessage",
        "eks:untagResource",
    ] {
        for page in ["<html><body>hi</body></html>", "\n<!DOCTYPE html>\n<HTML/>", "<html lang=\"en\"/>"] {
            let found = meaning(&target(name), 200, &[], page.as_bytes());
            assert!(!found.starts_with('{'), "{name}: {found}");
        }
    }
    // It may be what was asked for.
    let object = meaning(&target("s3:getObject"), 200, &[], b"<html/>");
    assert_eq!(object, r#"{"Metadata":{},"Body":"<html/>"}"#);
}

#[test]
fn what_is_not_understood_is_no_success_of_an_operation_without_a_result() {
    const NOTHING: &str = "the answer has nothing of the operation's result";
    let foreign = [
        r#"{"__type":"x#QueueDoesNotExist","message":"m"}"#,
        "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>",
        "<Response><Errors><Error><Code>c</Code></Error></Errors></Response>",
        "<ListBucketResult><Name>b</Name></ListBucketResult>",
        "<Foo>bar</Foo>",
        "not implemented",
        "NotImplemented",
        "[]",
        "\0",
    ];
    for name in [
        "iam:attachRolePolicy",
        "ec2:createTags",
        "sqs:purgeQueue",
        "s3:deleteBucket",
        "s3:putObject",
        "eks:untagResource",
    ] {
        for body in foreign {
            let found = meaning(&target(name), 200, &[], body.as_bytes());
            assert!(
                found == NOTHING || name.starts_with("s3:") && found.contains("Exception"),
                "{name} {body}: {found}"
            );
        }
    }
    let done = "<AttachRolePolicyResponse xmlns=\"u\"><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AttachRolePolicyResponse>";
    for (name, body) in [
        ("iam:attachRolePolicy", done),
        ("iam:attachRolePolicy", "<ResponseMetadata/>"),
        ("ec2:createTags", "<CreateTagsResponse><requestId>r</requestId><return>true</return></CreateTagsResponse>"),
        ("sqs:purgeQueue", ""),
        ("sqs:purgeQueue", "{}"),
        ("sqs:purgeQueue", "null"),
        ("s3:deleteBucket", "\n"),
        ("s3:putObject", ""),
        ("s3:putBucketPolicy", "True"),
        ("eks:untagResource", r#"{"later":1}"#),
    ] {
        assert_eq!(meaning(&target(name), 200, &[], body.as_bytes()), "{}", "{name} {body}");
    }
}

#[test]
fn numbers_and_times_are_such_that_aws_has_them() {
    for (member, value, expected) in [
        ("CreationDateTime", r#""yesterday""#, "the member CreationDateTime of the answer is not a timestamp"),
        ("CreationDateTime", "1e300", "the member CreationDateTime of the answer is not a timestamp"),
        ("CreationDateTime", r#""2024-01-31 12:34:56""#, r#"{"Table":{"CreationDateTime":"2024-01-31T12:34:56Z"}}"#),
        ("ItemCount", "1.5", "the member ItemCount of the answer is not a number"),
        ("ItemCount", "99999999999999999999", "the member ItemCount of the answer is not a number"),
        ("ItemCount", "1e400", "the member ItemCount of the answer is not a number"),
        ("ItemCount", "4294967296", r#"{"Table":{"ItemCount":4294967296}}"#),
    ] {
        let body = format!(r#"{{"Table":{{"{member}":{value}}}}}"#);
        assert_eq!(meaning(&target("dynamodb:describeTable"), 200, &[], body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn xml_is_of_the_operation_or_told() {
    const NOTHING: &str = "the answer has nothing of the operation's result";
    for (name, body, expected) in [
        ("sns:publish", "<PublishResponse/>", "the answer has no PublishResult"),
        ("sns:publish", "<PublishResult><MessageId>1</MessageId></PublishResult>", "the answer has no PublishResult"),
        ("sns:publish", "<PublishResponse><PublishResult><Id>1</Id></PublishResult></PublishResponse>", NOTHING),
        (
            "sns:publish",
            "<PublishResponse><PublishResult>1</PublishResult></PublishResponse>",
            "the answer is not a structure",
        ),
        ("sns:publish", "<PublishResponse><PublishResult/></PublishResponse>", "{}"),
        ("ec2:describeVpcs", "<Vpcs/>", NOTHING),
        ("ec2:describeVpcs", "<DescribeVpcsResponse>none</DescribeVpcsResponse>", "the answer is not a structure"),
        ("ec2:describeVpcs", "<DescribeVpcsResponse><Vpcs><Vpc/></Vpcs></DescribeVpcsResponse>", NOTHING),
        ("ec2:describeVpcs", "<DescribeVpcsResponse><requestId>r</requestId></DescribeVpcsResponse>", "{}"),
        ("ec2:describeVpcs", "<Other><vpcSet/></Other>", r#"{"Vpcs":[]}"#),
        ("s3:listBuckets", "<Result><Bucket>b</Bucket></Result>", NOTHING),
        ("s3:listBuckets", "<Result>none</Result>", "the answer is not a structure"),
        ("s3:listBuckets", "<Result/>", "{}"),
        ("s3:copyObject", "<Message>hi</Message>", "the member CopyObjectResult of the answer is not a structure"),
        ("s3:listBuckets", "<R><Buckets>none</Buckets></R>", "the member Buckets of the answer is not a list"),
        ("s3:listBuckets", "<R><Owner>me</Owner></R>", "the member Owner of the answer is not a structure"),
        ("s3:listBuckets", "<R><Prefix><a/></Prefix></R>", "the member Prefix of the answer is not a string"),
        ("s3:listObjectsV2", "<R><KeyCount>some</KeyCount></R>", "the member KeyCount of the answer is not a number"),
        (
            "s3:listObjectsV2",
            "<R><IsTruncated>7</IsTruncated></R>",
            "the member IsTruncated of the answer is not a boolean",
        ),
        ("s3:listObjectsV2", "<R><IsTruncated>True</IsTruncated></R>", r#"{"IsTruncated":true}"#),
    ] {
        assert_eq!(meaning(&target(name), 200, &[], body.as_bytes()), expected, "{name} {body}");
    }
}

#[test]
fn json_is_of_the_models_types_or_told() {
    for (name, body, expected) in [
        ("dynamodb:getItem", "[]", "the answer is not a structure"),
        ("dynamodb:getItem", "null", "the answer is not a structure"),
        ("dynamodb:listTables", r#""x""#, "the answer is not a structure"),
        ("dynamodb:listTables", r#"{"TableNames":"none"}"#, "the member TableNames of the answer is not a list"),
        ("dynamodb:listTables", r#"{"TableNames":[["a"]]}"#, "the member TableNames of the answer is not a string"),
        (
            "dynamodb:listTables",
            r#"{"LastEvaluatedTableName":{}}"#,
            "the member LastEvaluatedTableName of the answer is not a string",
        ),
        ("dynamodb:getItem", r#"{"Item":[]}"#, "the member Item of the answer is not a map"),
        ("dynamodb:getItem", r#"{"Item":{"a":"x"}}"#, "the member a of the answer is not a structure"),
        ("dynamodb:getItem", r#"{"Item":{"a":{"BOOL":1}}}"#, "the member Bool of the answer is not a boolean"),
        ("dynamodb:getItem", r#"{"Item":{"a":{"B":1}}}"#, "the member B of the answer is not a blob"),
        ("dynamodb:scan", r#"{"Count":[]}"#, "the member Count of the answer is not a number"),
        ("dynamodb:scan", r#"{"Count":"many"}"#, "the member Count of the answer is not a number"),
        ("dynamodb:scan", r#"{"Count":true}"#, "the member Count of the answer is not a number"),
        (
            "sfn:startExecution",
            r#"{"StartDate":1,"startDate":[]}"#,
            "the member StartDate of the answer is not a timestamp",
        ),
        ("eks:describeCluster", r#"{"cluster":"c"}"#, "the member Cluster of the answer is not a structure"),
        ("eks:describeCluster", "7", "the answer is not a structure"),
        // What stands for a scalar is one, as the SDK for Java reads it.
        ("dynamodb:listTables", r#"{"LastEvaluatedTableName":5}"#, r#"{"LastEvaluatedTableName":"5"}"#),
        ("dynamodb:scan", r#"{"Count":"7","Items":null}"#, r#"{"Count":7}"#),
        ("dynamodb:getItem", r#"{"Item":{"a":{"BOOL":"true"}}}"#, r#"{"Item":{"a":{"Bool":true}}}"#),
    ] {
        assert_eq!(meaning(&target(name), 200, &[], body.as_bytes()), expected, "{name} {body}");
    }
}

#[test]
fn cbor_is_of_the_models_types_or_told() {
    let target = Target { protocol: Protocol::Cbor, ..target("cloudwatch:getMetricStatistics") };
    for (body, expected) in [
        (&b"\x80"[..], "the answer is not a structure"),
        (b"\xf6", "the answer is not a structure"),
        (b"\x61x", "the answer is not a structure"),
        (b"\xa1\x65Label\x80", "the member Label of the answer is not a string"),
        (b"\xa1\x65Label\x07", "the member Label of the answer is not a string"),
        (b"\xa1\x65Label\xf6", "{}"),
        (b"\xa1\x6aDatapoints\xa0", "the member Datapoints of the answer is not a list"),
        (b"\xa1\x6aDatapoints\x81\x61x", "the member Datapoints of the answer is not a structure"),
        (b"\xa1\x6aDatapoints\x81\xa1\x63Sum\x61x", "the member Sum of the answer is not a number"),
        (b"\xa1\x6aDatapoints\x81\xa1\x69Timestamp\xf5", "the member Timestamp of the answer is not a timestamp"),
    ] {
        assert_eq!(meaning(&target, 200, &[], body), expected, "{body:x?}");
    }
}

#[test]
fn bytes_that_are_not_text_are_told() {
    let found = meaning(&target("s3:getBucketPolicy"), 200, &[], b"{\"a\":\"\xff\"}");
    assert!(found.starts_with("a member Policy that is not text in UTF-8"), "{found}");
}
