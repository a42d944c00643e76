"""Tasks that call services: moto's server stands for AWS, so that both ends of each protocol are written by different people."""
import json
import time
import unittest

from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer

from stepwell import ACCOUNT, REGION, Server, StepwellTest

# Functions aren't run in containers: they return what they are given.
default_user_config["lambda"] = {"use_docker": False}

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class ServicesTest(StepwellTest):
    """A Stepwell whose calls all go to moto."""

    @classmethod
    def setUpClass(cls):
        cls.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.moto.start()
        end = time.monotonic() + 20
        while cls.moto.get_host_and_port()[1] == 0 and time.monotonic() < end:
            time.sleep(0.02)
        cls.server = Server(AWS_ENDPOINT_URL="http://%s:%d" % cls.moto.get_host_and_port())
        cls.sfn = cls.server.client()
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.moto.stop()

    def call(self, resource, **parameters):
        """How an execution ends that only calls this."""
        type(self).count += 1
        task = {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}
        return self.outcome(self.machine("m%d" % self.count, "T", T=task))

    def result(self, resource, **parameters):
        """What a call that must succeed gives."""
        status, *rest = self.call(resource, **parameters)
        self.assertEqual(status, "SUCCEEDED", (resource, rest))
        return rest[0]

    def failure(self, resource, **parameters):
        """The error and the cause of a call that must fail."""
        status, *rest = self.call(resource, **parameters)
        self.assertEqual(status, "FAILED", (resource, rest))
        return rest


class DistributedMap(ServicesTest):
    """Items from S3 and results to S3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import boto3
        cls.s3 = boto3.client("s3", endpoint_url="http://%s:%d" % cls.moto.get_host_and_port(), region_name=REGION,
                              aws_access_key_id=ACCOUNT, aws_secret_access_key="test")
        cls.s3.create_bucket(Bucket="items")
        for key, content in {"rows.csv": "id,name\n1,a\n2,b\n", "lines/1.jsonl": '{"n":1}\n{"n":2}\n',
                             "lines/2.jsonl": '{"n":3}\n', "list.json": '{"in":{"list":[1,2,3,4]}}'}.items():
            cls.s3.put_object(Bucket="items", Key=key, Body=content)

    def map(self, call, parameters, config, **fields):
        """How an execution ends that only maps over these items, and its ARN."""
        type(self).count += 1
        reader = {"Resource": "arn:aws:states:::s3:" + call, "Parameters": parameters, "ReaderConfig": config}
        processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P",
                     "States": {"P": {"Type": "Pass", "End": True}}}
        state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True, **fields}
        return self.outcome(self.machine("d%d" % self.count, "M", M=state))

    def test_items_are_read(self):
        items = {"Bucket": "items"}
        for call, parameters, config, expected in [
            ("getObject", {**items, "Key": "rows.csv"}, {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
             [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]),
            ("getObject", {**items, "Key": "lines/1.jsonl"}, {"InputType": "JSONL"}, [{"n": 1}, {"n": 2}]),
            ("getObject", {**items, "Key": "list.json"}, {"InputType": "JSON", "ItemsPointer": "/in/list", "MaxItems": 3},
             [1, 2, 3]),
            ("listObjectsV2", {**items, "Prefix": "lines/"}, {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"},
             [{"n": 1}, {"n": 2}, {"n": 3}]),
        ]:
            self.assertEqual(self.map(call, parameters, config), ("SUCCEEDED", expected), (call, config))
        status, objects = self.map("listObjectsV2", {**items, "Prefix": "lines/", "MaxKeys": 1}, {"MaxItems": 2})
        self.assertEqual(status, "SUCCEEDED", objects)
        self.assertEqual([(item["Key"], item["Size"]) for item in objects], [("lines/1.jsonl", 16), ("lines/2.jsonl", 8)])

    def test_what_can_not_be_read_or_written_fails(self):
        config = {"InputType": "JSON"}
        status, error, cause = self.map("getObject", {"Bucket": "items", "Key": "none"}, config)
        self.assertEqual((status, error), ("FAILED", "States.ItemReaderFailed"))
        self.assertIn("The specified key does not exist", cause)
        writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "no-such-bucket", "Prefix": "p"}}
        parameters = {"Bucket": "items", "Key": "lines/1.jsonl"}
        status, error, cause = self.map("getObject", parameters, {"InputType": "JSONL"}, ResultWriter=writer)
        self.assertEqual((status, error), ("FAILED", "States.ResultWriterFailed"))
        self.assertIn("bucket does not exist", cause)

    def test_results_are_written(self):
        writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "items", "Prefix": "out"}}
        parameters = {"Bucket": "items", "Key": "lines/1.jsonl"}
        status, result = self.map("getObject", parameters, {"InputType": "JSONL"}, ResultWriter=writer)
        self.assertEqual(status, "SUCCEEDED", result)
        details = result["ResultWriterDetails"]
        run = result["MapRunArn"].rsplit(":", 1)[1]
        self.assertEqual(details, {"Bucket": "items", "Key": "out/%s/manifest.json" % run})
        read = lambda key: json.loads(self.s3.get_object(Bucket="items", Key=key)["Body"].read())
        manifest = read(details["Key"])
        self.assertEqual((manifest["DestinationBucket"], manifest["MapRunArn"]), ("items", result["MapRunArn"]))
        files = manifest["ResultFiles"]
        self.assertEqual((files["FAILED"], files["PENDING"]), ([], []))
        records = read(files["SUCCEEDED"][0]["Key"])
        self.assertEqual([json.loads(record["Output"]) for record in records], [{"n": 1}, {"n": 2}])
        self.assertEqual({record["Status"] for record in records}, {"SUCCEEDED"})


class Protocols(ServicesTest):
    def test_aws_json_1_0(self):
        self.result("aws-sdk:dynamodb:createTable", TableName="t10", BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        item = {"id": {"S": "1"}, "n": {"N": "7"}, "l": {"L": [{"Bool": True}, {"S": "ü"}]}, "b": {"B": "AAEC"}}
        self.result("aws-sdk:dynamodb:putItem", TableName="t10", Item=item)
        found = self.result("aws-sdk:dynamodb:getItem", TableName="t10", Key={"id": {"S": "1"}})
        self.assertEqual(found["Item"], item)

    def test_aws_json_1_1(self):
        self.result("aws-sdk:ssm:putParameter", Name="/p", Value="v", Type="String")
        found = self.result("aws-sdk:ssm:getParameter", Name="/p")["Parameter"]
        self.assertEqual((found["Name"], found["Value"], found["Version"]), ("/p", "v", 1))
        self.assertRegex(found["LastModifiedDate"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        made = self.result("aws-sdk:secretsmanager:createSecret", Name="s", SecretString="hidden")
        self.assertEqual(self.result("aws-sdk:secretsmanager:getSecretValue", SecretId=made["Arn"])["SecretString"], "hidden")
        self.result("aws-sdk:eventbridge:putRule", Name="r", EventPattern='{"source":["s"]}')
        self.assertEqual([rule["Name"] for rule in self.result("aws-sdk:eventbridge:listRules")["Rules"]], ["r"])

    def test_query(self):
        topic = self.result("aws-sdk:sns:createTopic", Name="q", Attributes={"DisplayName": "a & b"})["TopicArn"]
        self.assertEqual(self.result("aws-sdk:sns:getTopicAttributes", TopicArn=topic)["Attributes"]["DisplayName"], "a & b")
        role = self.result("aws-sdk:iam:createRole", RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "k", "Value": "v"}])
        self.assertEqual((role["Role"]["RoleName"], role["Role"]["Tags"]), ("r", [{"Key": "k", "Value": "v"}]))
        self.assertEqual(self.result("aws-sdk:sts:getCallerIdentity")["Account"], ACCOUNT)

    def test_ec2_query(self):
        made = self.result("aws-sdk:ec2:createVpc", CidrBlock="10.1.0.0/16", TagSpecifications=[
            {"ResourceType": "vpc", "Tags": [{"Key": "k", "Value": "v"}]}])["Vpc"]
        found = self.result("aws-sdk:ec2:describeVpcs", Filters=[{"Name": "tag:k", "Values": ["v"]}])["Vpcs"]
        self.assertEqual([(vpc["VpcId"], vpc["CidrBlock"], vpc["IsDefault"]) for vpc in found], [(made["VpcId"], "10.1.0.0/16", False)])

    def test_rest_json(self):
        made = self.result("aws-sdk:apigateway:createRestApi", Name="a/b")
        self.assertEqual(self.result("aws-sdk:apigateway:getRestApi", RestApiId=made["Id"])["Name"], "a/b")
        self.result("aws-sdk:apigateway:updateRestApi", RestApiId=made["Id"], PatchOperations=[{"Op": "replace", "Path": "/name", "Value": "c"}])
        self.assertIn("c", [api["Name"] for api in self.result("aws-sdk:apigateway:getRestApis")["Items"]])

    def test_rest_xml(self):
        self.result("aws-sdk:s3:createBucket", Bucket="bucket")
        for key, body in (("a b/ü.txt", "text, not JSON"), ("j.json", {"n": [1, "x"]}), ("last", 7)):
            self.result("aws-sdk:s3:putObject", Bucket="bucket", Key=key, Body=body, ContentType="text/plain", Metadata={"of": "mine"})
            found = self.result("aws-sdk:s3:getObject", Bucket="bucket", Key=key)
            # As on AWS, a body is stored as the JSON that it is.
            self.assertEqual(found["Body"], json.dumps(body, separators=(",", ":")))
            self.assertEqual((found["ContentType"], found["Metadata"]), ("text/plain", {"of": "mine"}))
        listed = self.result("aws-sdk:s3:listObjectsV2", Bucket="bucket", MaxKeys=2)
        self.assertEqual(([item["Key"] for item in listed["Contents"]], listed["IsTruncated"]), (["a b/ü.txt", "j.json"], True))
        self.assertEqual(self.result("aws-sdk:s3:deleteObjects", Bucket="bucket", Delete={"Objects": [{"Key": "last"}]})["Deleted"],
                         [{"Key": "last"}])

    def test_services_that_moved_to_cbor_are_called_by_json(self):
        made = self.result("aws-sdk:memorydb:createSubnetGroup", SubnetGroupName="g", SubnetIds=self.subnets(), Description="d")
        self.assertEqual((made["SubnetGroup"]["Name"], made["SubnetGroup"]["Description"]), ("g", "d"))
        self.assertEqual([group["Name"] for group in self.result("aws-sdk:memorydb:describeSubnetGroups", SubnetGroupName="g")["SubnetGroups"]], ["g"])

    def subnets(self):
        vpc = self.result("aws-sdk:ec2:createVpc", CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        return [self.result("aws-sdk:ec2:createSubnet", VpcId=vpc, CidrBlock="10.2.0.0/24")["Subnet"]["SubnetId"]]


class Optimised(ServicesTest):
    def test_dynamodb(self):
        self.result("aws-sdk:dynamodb:createTable", TableName="o", BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        key = {"id": {"S": "1"}}
        put = self.result("dynamodb:putItem", TableName="o", Item={**key, "n": {"N": "1"}})
        self.assertEqual(put["SdkHttpMetadata"]["HttpStatusCode"], 200)
        self.result("dynamodb:updateItem", TableName="o", Key=key, UpdateExpression="SET n = n + :one",
                    ExpressionAttributeValues={":one": {"N": "1"}})
        self.assertEqual(self.result("dynamodb:getItem", TableName="o", Key=key)["Item"], {**key, "n": {"N": "2"}})
        self.result("dynamodb:deleteItem", TableName="o", Key=key)
        self.assertNotIn("Item", self.result("dynamodb:getItem", TableName="o", Key=key))

    def test_sqs(self):
        url = self.result("aws-sdk:sqs:createQueue", QueueName="q")["QueueUrl"]
        sent = self.result("sqs:sendMessage", QueueUrl=url, MessageBody={"a": [1]})
        [message] = self.result("aws-sdk:sqs:receiveMessage", QueueUrl=url)["Messages"]
        self.assertEqual((message["MessageId"], message["Body"]), (sent["MessageId"], '{"a":[1]}'))

    def test_sqs_waits_for_the_token(self):
        url = self.result("aws-sdk:sqs:createQueue", QueueName="tokens")["QueueUrl"]
        task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 60, "End": True,
                "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}}
        started = self.sfn.start_execution(stateMachineArn=self.machine("token", "T", T=task))["executionArn"]
        end, messages = time.monotonic() + 20, []
        while not messages and time.monotonic() < end:
            messages = self.result("aws-sdk:sqs:receiveMessage", QueueUrl=url).get("Messages", [])
        self.sfn.send_task_success(taskToken=json.loads(messages[0]["Body"])["token"], output='"done"')
        self.assertEqual(self.ended(started)["output"], '"done"')

    def test_sns_and_events(self):
        topic = self.result("aws-sdk:sns:createTopic", Name="t")["TopicArn"]
        self.assertIn("MessageId", self.result("sns:publish", TopicArn=topic, Message={"a": 1}))
        sent = self.result("events:putEvents", Entries=[{"Source": "s", "DetailType": "d", "Detail": {"a": 1}}])
        self.assertEqual((sent["FailedEntryCount"], len(sent["Entries"])), (0, 1))

    def test_lambda(self):
        role = self.result("aws-sdk:iam:createRole", RoleName="functions", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.result("aws-sdk:lambda:createFunction", FunctionName="f", Role=role, Runtime="python3.13", Handler="m.h",
                    Code={"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="})
        self.assertEqual([found["FunctionName"] for found in self.result("aws-sdk:lambda:listFunctions")["Functions"]], ["f"])
        answer = self.result("lambda:invoke", FunctionName="f", Payload={"a": 1})
        self.assertEqual((answer["Payload"], answer["StatusCode"]), ({"a": 1}, 200))

    def test_an_execution_waits_for_nested_ones(self):
        self.result("aws-sdk:ssm:putParameter", Name="/nested", Value="deep", Type="String")
        get = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter", "End": True,
               "Parameters": {"Name.$": "$.name"}, "ResultSelector": {"value.$": "$.Parameter.Value"}}
        child = self.machine("child", "T", T=get)
        start = {"StateMachineArn": child, "Input": {"name": "/nested", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}}
        middle = self.machine("middle", "T", T={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
                                                "Parameters": start, "End": True})
        outer = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
                 "Parameters": {"StateMachineArn": middle}, "ResultSelector": {"inner.$": "States.StringToJson($.Output.Output)"}}
        self.assertEqual(self.outcome(self.machine("outer", "T", T=outer)), ("SUCCEEDED", {"inner": {"value": "deep"}}))
        start["Input"]["name"] = "/missing"
        failing = self.machine("failing", "T", T={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                                                  "Parameters": start, "End": True})
        status, error, cause = self.outcome(failing)
        self.assertEqual((status, error), ("FAILED", "States.TaskFailed"))
        self.assertEqual(json.loads(cause)["Error"], "Ssm.ParameterNotFoundException")


class Errors(ServicesTest):
    def test_errors_have_the_names_of_the_sdk_whatever_the_protocol(self):
        self.result("aws-sdk:s3:createBucket", Bucket="errors")
        key = {"id": {"S": "1"}}
        for resource, parameters, error, told in (
            # modelled
            ("aws-sdk:dynamodb:getItem", {"TableName": "none", "Key": key}, "DynamoDb.ResourceNotFoundException", "(Service: DynamoDb, Status Code: 400"),
            ("dynamodb:getItem", {"TableName": "none", "Key": key}, "DynamoDB.ResourceNotFoundException", "(Service: AmazonDynamoDBv2; Status Code: 400"),
            ("aws-sdk:ssm:getParameter", {"Name": "none"}, "Ssm.ParameterNotFoundException", "(Service: Ssm, Status Code: 400"),
            ("aws-sdk:sns:getTopicAttributes", {"TopicArn": "arn:aws:sns:%s:%s:none" % (REGION, ACCOUNT)}, "Sns.NotFoundException", "(Service: Sns, Status Code: 404"),
            ("sns:publish", {"TopicArn": "arn:aws:sns:%s:%s:none" % (REGION, ACCOUNT), "Message": "m"}, "SNS.NotFoundException", "(Service: AmazonSNS; Status Code: 404"),
            ("aws-sdk:iam:getRole", {"RoleName": "none"}, "Iam.NoSuchEntityException", "(Service: Iam, Status Code: 404"),
            ("aws-sdk:s3:getObject", {"Bucket": "errors", "Key": "none"}, "S3.NoSuchKeyException", "(Service: S3, Status Code: 404"),
            ("aws-sdk:lambda:getFunction", {"FunctionName": "none"}, "Lambda.ResourceNotFoundException", "(Service: Lambda, Status Code: 404"),
            ("aws-sdk:memorydb:describeClusters", {"ClusterName": "none"}, "MemoryDb.ClusterNotFoundException", "(Service: MemoryDb, Status Code: 4"),
            # not modelled
            ("aws-sdk:dynamodb:createTable", {"TableName": "x", "AttributeDefinitions": [], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"},
             "DynamoDb.DynamoDbException", "(Service: DynamoDb, Status Code: 400"),
            ("aws-sdk:ec2:describeInstances", {"InstanceIds": ["i-12345678"]}, "Ec2.Ec2Exception", "(Service: Ec2, Status Code: 400"),
            ("aws-sdk:s3:listObjectsV2", {"Bucket": "errors", "ContinuationToken": "", "MaxKeys": -1}, "S3.S3Exception", "(Service: S3, Status Code: 400"),
        ):
            with self.subTest(resource):
                failed, cause = self.failure(resource, **parameters)
                self.assertEqual(failed, error, cause)
                self.assertIn(told, cause)


if __name__ == "__main__":
    unittest.main()
