"""The aws command line: each operation once, and an error."""
import json
import unittest

from stepwell import ROLE, Server, arn, aws, poll


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_a_state_machine_s_life(self):
        server = self.server
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": True}}})
        self.assertEqual(aws(server, "validate-state-machine-definition", "--definition", definition)["result"], "OK")
        machine = aws(server, "create-state-machine", "--name", "m", "--definition", definition, "--role-arn", ROLE)["stateMachineArn"]
        self.assertEqual(machine, arn("stateMachine", "m"))
        self.assertEqual(aws(server, "describe-state-machine", "--state-machine-arn", machine)["definition"], definition)
        self.assertEqual([m["name"] for m in aws(server, "list-state-machines")["stateMachines"]], ["m"])
        execution = aws(server, "start-execution", "--state-machine-arn", machine, "--input", '{"a": 1}')["executionArn"]
        self.assertEqual(aws(server, "describe-execution", "--execution-arn", execution)["status"], "RUNNING")
        shown = aws(server, "describe-state-machine-for-execution", "--execution-arn", execution)
        self.assertEqual((shown["stateMachineArn"], shown["definition"]), (machine, definition))
        aws(server, "tag-resource", "--resource-arn", machine, "--tags", "key=a,value=1", "key=b,value=2")
        aws(server, "untag-resource", "--resource-arn", machine, "--tag-keys", "a")
        self.assertEqual(aws(server, "list-tags-for-resource", "--resource-arn", machine)["tags"], [{"key": "b", "value": "2"}])
        aws(server, "stop-execution", "--execution-arn", execution, "--cause", "enough")
        listed = aws(server, "list-executions", "--state-machine-arn", machine, "--status-filter", "ABORTED")["executions"]
        self.assertEqual([e["executionArn"] for e in listed], [execution])
        events = aws(server, "get-execution-history", "--execution-arn", execution, "--page-size", "1")["events"]
        self.assertEqual([event["id"] for event in events], [1, 2, 3])
        aws(server, "delete-state-machine", "--state-machine-arn", machine)
        poll(lambda: aws(server, "list-state-machines")["stateMachines"], lambda machines: machines == [])
        self.assertEqual(
            aws(server, "describe-state-machine", "--state-machine-arn", machine, expect=254),
            "An error occurred (StateMachineDoesNotExist) when calling the DescribeStateMachine operation: "
            "State Machine Does Not Exist: '%s'" % machine)

    def test_an_activity_s_life(self):
        server = self.server
        activity = aws(server, "create-activity", "--name", "a")["activityArn"]
        self.assertEqual(aws(server, "describe-activity", "--activity-arn", activity)["name"], "a")
        self.assertEqual([a["activityArn"] for a in aws(server, "list-activities")["activities"]], [activity])
        definition = json.dumps({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}})
        machine = aws(server, "create-state-machine", "--name", "worked", "--definition", definition, "--role-arn", ROLE)["stateMachineArn"]
        for name, finish, status in (
            ("good", ("send-task-success", "--task-output", "[1]"), "SUCCEEDED"),
            ("bad", ("send-task-failure", "--error", "E", "--cause", "C"), "FAILED"),
        ):
            execution = aws(server, "start-execution", "--state-machine-arn", machine, "--name", name)["executionArn"]
            token = aws(server, "get-activity-task", "--activity-arn", activity)["taskToken"]
            aws(server, "send-task-heartbeat", "--task-token", token)
            aws(server, finish[0], "--task-token", token, *finish[1:])
            self.assertEqual(aws(server, "describe-execution", "--execution-arn", execution)["status"], status)
        aws(server, "delete-state-machine", "--state-machine-arn", machine)
        aws(server, "delete-activity", "--activity-arn", activity)
        self.assertEqual(aws(server, "list-activities")["activities"], [])


if __name__ == "__main__":
    unittest.main()
