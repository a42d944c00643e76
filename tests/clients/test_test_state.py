"""TestState through boto3: single states with mocks, as unit tests of state machines use it."""
import json
import unittest

import boto3
from botocore.config import Config

from stepwell import REGION, ROLE, Server, StepwellTest

MACHINE = {
    "StartAt": "Ask",
    "QueryLanguage": "JSONata",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Arguments": {"QueueUrl": "q", "MessageBody": {"cost": "{% $states.input.cost %}", "token": "{% $states.context.Task.Token %}"}},
            "Assign": {"approved": "{% $states.result.approved %}"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refused"}],
            "Next": "Approved",
        },
        "Approved": {"Type": "Succeed"},
        "Refused": {"Type": "Fail", "Error": "Refused"},
    },
}


class TestState(StepwellTest):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        # Without this boto3 puts `sync-` before the host's name, which only a name that can have parts before it bears.
        cls.sfn = boto3.client(
            "stepfunctions", endpoint_url=cls.server.url, region_name=REGION,
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}))

    def ask(self, **request):
        answer = self.sfn.test_state(
            definition=json.dumps(MACHINE), stateName="Ask", input='{"cost": 7}', inspectionLevel="DEBUG",
            context='{"Task": {"Token": "T"}}', **request)
        del answer["ResponseMetadata"]
        return answer

    def test_a_result(self):
        answer = self.ask(mock={"result": '{"approved": true}'})
        seen = answer["inspectionData"]
        self.assertEqual(
            (answer["status"], answer["nextState"], answer["output"]), ("SUCCEEDED", "Approved", '{"approved": true}'))
        self.assertEqual(json.loads(seen["afterArguments"])["MessageBody"], {"cost": 7, "token": "T"})
        self.assertEqual(json.loads(seen["variables"]), {"approved": True})

    def test_an_error(self):
        busy = {"errorOutput": {"error": "Busy", "cause": "later"}}
        answer = self.ask(mock=busy, stateConfiguration={"retrierRetryCount": 1})
        self.assertEqual((answer["status"], answer["error"], answer["cause"]), ("RETRIABLE", "Busy", "later"))
        self.assertEqual(answer["inspectionData"]["errorDetails"], {"retryIndex": 0, "retryBackoffIntervalSeconds": 6})
        answer = self.ask(mock=busy, stateConfiguration={"retrierRetryCount": 2})
        self.assertEqual((answer["status"], answer["nextState"]), ("CAUGHT_ERROR", "Refused"))
        self.assertEqual(json.loads(answer["output"]), {"Error": "Busy", "Cause": "later"})

    def test_a_state_alone(self):
        answer = self.sfn.test_state(definition='{"Type": "Pass", "Result": 1, "Next": "B"}', roleArn=ROLE)
        self.assertEqual((answer["status"], answer["output"], answer["nextState"]), ("SUCCEEDED", "1", "B"))
        self.assertNotIn("inspectionData", answer)

    def test_what_the_api_would_not_return(self):
        definition = '{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}, "End": true}'
        self.refused(
            "ValidationException", "Mock result schema validation error: Field 'ContentLength' must be a number",
            self.sfn.test_state, definition=definition, mock={"result": '{"ContentLength": "1"}'})
        answer = self.sfn.test_state(
            definition=definition, mock={"result": '{"ContentLength": "1"}', "fieldValidationMode": "NONE"})
        self.assertEqual(answer["status"], "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()
