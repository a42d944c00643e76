"""Express state machines through boto3, and the logs of their executions."""
import json
import os
import socket
import tempfile
import unittest
from unittest import mock

from stepwell import ROLE, Server, StepwellTest, arn, poll

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:g:*"


class Express(StepwellTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.log = os.path.join(cls.folder.name, "executions.jsonl")
        cls.server = Server("--execution-log", cls.log)
        cls.sfn = cls.server.client()
        resolve = socket.getaddrinfo
        prefix = mock.patch("socket.getaddrinfo", lambda host, *rest, **more: resolve(host.removeprefix("sync-"), *rest, **more))
        prefix.start()
        cls.addClassCleanup(prefix.stop)
        cls.addClassCleanup(cls.folder.cleanup)

    def express(self, name, state, **configuration):
        definition = json.dumps({"StartAt": "A", "States": {"A": state}})
        created = self.sfn.create_state_machine(
            name=name, definition=definition, roleArn=ROLE, type="EXPRESS", **configuration)
        return created["stateMachineArn"]

    def test_the_caller_waits_for_the_end(self):
        machine = self.express("wait", {"Type": "Wait", "Seconds": 1, "End": True})
        ended = self.sfn.start_sync_execution(stateMachineArn=machine, name="e", input='{"a": 1}')
        self.assertEqual((ended["status"], ended["output"]), ("SUCCEEDED", '{"a": 1}'))
        self.assertTrue(ended["executionArn"].startswith(arn("express", "wait:e:")), ended["executionArn"])
        self.assertGreaterEqual((ended["stopDate"] - ended["startDate"]).total_seconds(), 1)
        billing = ended["billingDetails"]
        self.assertEqual(billing["billedMemoryUsedInMB"], 64)
        self.assertIn(billing["billedDurationInMilliseconds"], range(1000, 3000, 100))

    def test_a_failure_is_no_error_of_the_api(self):
        machine = self.express("fail", {"Type": "Fail", "Error": "E", "Cause": "why"})
        ended = self.sfn.start_sync_execution(stateMachineArn=machine)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), ("FAILED", "E", "why"))

    def test_time_runs_out(self):
        definition = json.dumps({"TimeoutSeconds": 1, "StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": True}}})
        machine = self.sfn.create_state_machine(name="slow-e", definition=definition, roleArn=ROLE, type="EXPRESS")
        ended = self.sfn.start_sync_execution(stateMachineArn=machine["stateMachineArn"])
        self.assertEqual((ended["status"], ended["error"]), ("TIMED_OUT", "States.Timeout"))

    def test_the_types_do_not_mix(self):
        express = self.express("express", {"Type": "Pass", "End": True})
        standard = self.machine("standard", "A", A={"Type": "Pass", "End": True})
        started = self.sfn.start_execution(stateMachineArn=express)["executionArn"]
        text = "This operation is not supported by this type of state machine"
        self.refused("StateMachineTypeNotSupported", text, self.sfn.start_sync_execution, stateMachineArn=standard)
        self.refused("StateMachineTypeNotSupported", text, self.sfn.list_executions, stateMachineArn=express)
        text = "Invalid Arn: 'Resource type not valid in this context: express'"
        self.refused("InvalidArn", text, self.sfn.describe_execution, executionArn=started)

    def test_executions_are_logged(self):
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}
        logging = {"level": "ALL", "includeExecutionData": True, "destinations": [destination]}
        machine = self.express("logged", {"Type": "Pass", "Result": 2, "End": True}, loggingConfiguration=logging)
        self.assertEqual(self.sfn.describe_state_machine(stateMachineArn=machine)["loggingConfiguration"], logging)
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]

        def logged():
            with open(self.log) as lines:
                records = [json.loads(line) for line in lines]
            return [record for record in records if record["execution_arn"] == execution]
        records = poll(logged, lambda records: len(records) == 4)
        self.assertEqual([record["id"] for record in records], ["1", "2", "3", "4"])
        self.assertEqual(records[3]["type"], "ExecutionSucceeded")
        self.assertEqual(records[3]["details"], {"output": "2", "outputDetails": {"truncated": False}})

    def test_map_runs_are_not_there(self):
        machine = self.machine("plain", "A", A={"Type": "Pass", "End": True})
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]
        pages = self.sfn.get_paginator("list_map_runs").paginate(executionArn=execution)
        self.assertEqual([page["mapRuns"] for page in pages], [[]])
        map_run = arn("mapRun", "plain/label:7a1b")
        text = "Resource not found: '%s'" % map_run
        self.refused("ResourceNotFound", text, self.sfn.describe_map_run, mapRunArn=map_run)
        self.refused("ResourceNotFound", text, self.sfn.update_map_run, mapRunArn=map_run, maxConcurrency=1)


if __name__ == "__main__":
    unittest.main()
