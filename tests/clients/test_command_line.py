"""The aws command line: every subcommand of `aws stepfunctions`, and errors."""
import json
import unittest

import boto3
from botocore import xform_name

from stepwell import ROLE, Server, arn, aws, poll

WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": True}}})


def passing(result):
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}})


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.used = set()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def aws(self, subcommand, *arguments, expect=0):
        self.used.add(subcommand)
        return aws(self.server, subcommand, *arguments, expect=expect)

    def test_every_subcommand(self):
        self.a_state_machine()
        self.versions_and_aliases()
        self.an_activity()
        self.what_has_a_host_of_its_own()
        self.map_runs()
        client = boto3.client("stepfunctions", endpoint_url=self.server.url)
        self.assertEqual(self.used, {xform_name(name, "-") for name in client.meta.service_model.operation_names})

    def create(self, name, definition, *arguments):
        created = self.aws("create-state-machine", "--name", name, "--definition", definition, "--role-arn", ROLE, *arguments)
        return created["stateMachineArn"]

    def a_state_machine(self):
        self.assertEqual(self.aws("validate-state-machine-definition", "--definition", WAIT)["result"], "OK")
        machine = self.create("m", WAIT)
        self.assertEqual(machine, arn("stateMachine", "m"))
        self.assertEqual(self.aws("describe-state-machine", "--state-machine-arn", machine)["definition"], WAIT)
        self.assertIn("m", [m["name"] for m in self.aws("list-state-machines")["stateMachines"]])
        execution = self.aws("start-execution", "--state-machine-arn", machine, "--input", '{"a": 1}')["executionArn"]
        self.assertEqual(self.aws("describe-execution", "--execution-arn", execution)["status"], "RUNNING")
        shown = self.aws("describe-state-machine-for-execution", "--execution-arn", execution)
        self.assertEqual((shown["stateMachineArn"], shown["definition"]), (machine, WAIT))
        self.aws("tag-resource", "--resource-arn", machine, "--tags", "key=a,value=1", "key=b,value=2")
        self.aws("untag-resource", "--resource-arn", machine, "--tag-keys", "a")
        tags = self.aws("list-tags-for-resource", "--resource-arn", machine)["tags"]
        self.assertEqual(tags, [{"key": "b", "value": "2"}])
        self.aws("stop-execution", "--execution-arn", execution, "--cause", "enough")
        listed = self.aws("list-executions", "--state-machine-arn", machine, "--status-filter", "ABORTED")["executions"]
        self.assertEqual([e["executionArn"] for e in listed], [execution])
        self.assertIn("redriveDate", self.aws("redrive-execution", "--execution-arn", execution))
        self.aws("stop-execution", "--execution-arn", execution)
        events = self.aws("get-execution-history", "--execution-arn", execution, "--page-size", "2")["events"]
        self.assertEqual([event["id"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual([event["type"] for event in events if event["type"].startswith("Execution")],
                         ["ExecutionStarted", "ExecutionAborted", "ExecutionRedriven", "ExecutionAborted"])
        self.aws("delete-state-machine", "--state-machine-arn", machine)
        poll(lambda: self.aws("list-state-machines")["stateMachines"], lambda found: "m" not in [m["name"] for m in found])
        self.assertEqual(
            self.aws("describe-state-machine", "--state-machine-arn", machine, expect=254),
            "An error occurred (StateMachineDoesNotExist) when calling the DescribeStateMachine operation: "
            "State Machine Does Not Exist: '%s'" % machine)

    def versions_and_aliases(self):
        machine = self.create("versioned", passing(1), "--publish")
        updated = self.aws("update-state-machine", "--state-machine-arn", machine, "--definition", passing(2))
        published = self.aws("publish-state-machine-version", "--state-machine-arn", machine, "--revision-id", updated["revisionId"])
        self.assertEqual(published["stateMachineVersionArn"], machine + ":2")
        versions = self.aws("list-state-machine-versions", "--state-machine-arn", machine)["stateMachineVersions"]
        self.assertEqual([version["stateMachineVersionArn"] for version in versions], [machine + ":2", machine + ":1"])
        route = "stateMachineVersionArn=%s,weight=%d"
        alias = self.aws("create-state-machine-alias", "--name", "PROD", "--routing-configuration",
                         route % (machine + ":1", 90), route % (machine + ":2", 10))["stateMachineAliasArn"]
        self.aws("update-state-machine-alias", "--state-machine-alias-arn", alias, "--routing-configuration", route % (machine + ":2", 100))
        described = self.aws("describe-state-machine-alias", "--state-machine-alias-arn", alias)
        self.assertEqual(described["routingConfiguration"], [{"stateMachineVersionArn": machine + ":2", "weight": 100}])
        aliases = self.aws("list-state-machine-aliases", "--state-machine-arn", machine)["stateMachineAliases"]
        self.assertEqual([listed["stateMachineAliasArn"] for listed in aliases], [alias])
        self.aws("delete-state-machine-version", "--state-machine-version-arn", machine + ":1")
        self.aws("delete-state-machine-alias", "--state-machine-alias-arn", alias)

    def an_activity(self):
        activity = self.aws("create-activity", "--name", "a")["activityArn"]
        self.assertEqual(self.aws("describe-activity", "--activity-arn", activity)["name"], "a")
        self.assertEqual([a["activityArn"] for a in self.aws("list-activities")["activities"]], [activity])
        machine = self.create("worked", json.dumps({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}))
        for name, finish, status in (
            ("good", ("send-task-success", "--task-output", "[1]"), "SUCCEEDED"),
            ("bad", ("send-task-failure", "--error", "E", "--cause", "C"), "FAILED"),
        ):
            execution = self.aws("start-execution", "--state-machine-arn", machine, "--name", name)["executionArn"]
            token = self.aws("get-activity-task", "--activity-arn", activity)["taskToken"]
            self.aws("send-task-heartbeat", "--task-token", token)
            self.aws(finish[0], "--task-token", token, *finish[1:])
            self.assertEqual(self.aws("describe-execution", "--execution-arn", execution)["status"], status)
        self.aws("delete-activity", "--activity-arn", activity)
        self.assertEqual(self.aws("list-activities")["activities"], [])

    def what_has_a_host_of_its_own(self):
        machine = self.create("express", passing({"b": 2}), "--type", "EXPRESS")
        ended = self.aws("start-sync-execution", "--state-machine-arn", machine, "--input", '{"a": 1}')
        self.assertEqual((ended["status"], ended["output"]), ("SUCCEEDED", '{"b":2}'))
        tested = self.aws("test-state", "--definition", json.dumps({"Type": "Pass", "Next": "B"}), "--input", "[1]")
        self.assertEqual(tested, {"output": "[1]", "nextState": "B", "status": "SUCCEEDED"})

    def map_runs(self):
        machine = self.create("without-map-runs", passing(1))
        execution = self.aws("start-execution", "--state-machine-arn", machine)["executionArn"]
        self.assertEqual(self.aws("list-map-runs", "--execution-arn", execution)["mapRuns"], [])
        map_run = arn("mapRun", "without-map-runs/label:7a1b")
        for subcommand, operation, changes in (
            ("describe-map-run", "DescribeMapRun", ()),
            ("update-map-run", "UpdateMapRun", ("--max-concurrency", "1")),
        ):
            self.assertEqual(
                self.aws(subcommand, "--map-run-arn", map_run, *changes, expect=254),
                "An error occurred (ResourceNotFound) when calling the %s operation: Resource not found: '%s'" % (operation, map_run))


if __name__ == "__main__":
    unittest.main()
