"""Executions through boto3."""
import json
import unittest

from stepwell import StepwellTest, arn

PASS = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 600, "End": True}


class Executions(StepwellTest):
    def test_an_execution_gives_its_output(self):
        machine = self.machine("output", "A", A={"Type": "Pass", "Result": {"n": [1, 2]}, "ResultPath": "$.r", "End": True})
        self.assertEqual(self.outcome(machine, {"x": "é"}), ("SUCCEEDED", {"x": "é", "r": {"n": [1, 2]}}))

    def test_a_description_says_all(self):
        machine = self.machine("described", "A", A=PASS)
        started = self.sfn.start_execution(stateMachineArn=machine, name="one", input='{"a": 1}')
        self.assertEqual(started["executionArn"], arn("execution", "described:one"))
        described = self.ended(started["executionArn"])
        expected = dict(executionArn=started["executionArn"], stateMachineArn=machine, name="one", status="SUCCEEDED",
                        startDate=started["startDate"], input='{"a": 1}', output='{"a": 1}')
        self.assertEqual({name: described.get(name) for name in expected}, expected)
        self.assertGreaterEqual(described["stopDate"], described["startDate"])

    def test_a_choice_chooses_and_a_fail_state_fails(self):
        machine = self.machine(
            "choice", "C",
            C={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Big"}], "Default": "Small"},
            Big={"Type": "Fail", "Error": "TooBig", "Cause": "no"}, Small={"Type": "Succeed"})
        self.assertEqual(self.outcome(machine, {"n": 2}), ("SUCCEEDED", {"n": 2}))
        self.assertEqual(self.outcome(machine, {"n": 4}), ("FAILED", "TooBig", "no"))

    def test_a_name_is_used_once(self):
        machine = self.machine("names", "A", A=WAIT)
        first = self.sfn.start_execution(stateMachineArn=machine, name="n", input="{}")
        again = self.sfn.start_execution(stateMachineArn=machine, name="n", input="{}")
        self.assertEqual((again["executionArn"], again["startDate"]), (first["executionArn"], first["startDate"]))
        message = "Execution Already Exists: '%s'" % first["executionArn"]
        self.refused("ExecutionAlreadyExists", message, self.sfn.start_execution, stateMachineArn=machine, name="n", input="[]")
        self.sfn.stop_execution(executionArn=first["executionArn"])
        self.refused("ExecutionAlreadyExists", message, self.sfn.start_execution, stateMachineArn=machine, name="n", input="{}")

    def test_an_execution_can_be_stopped(self):
        machine = self.machine("stopped", "A", A=WAIT)
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]
        stopped = self.sfn.stop_execution(executionArn=execution, error="Enough", cause="of this")
        described = self.sfn.describe_execution(executionArn=execution)
        self.assertEqual([described[name] for name in ("status", "error", "cause", "stopDate")],
                         ["ABORTED", "Enough", "of this", stopped["stopDate"]])
        types = [event["type"] for event in self.sfn.get_execution_history(executionArn=execution)["events"]]
        self.assertEqual(types, ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"])

    def test_a_history_is_read_forwards_backwards_and_page_by_page(self):
        machine = self.machine("history", "A", A={"Type": "Pass", "Next": "B"}, B=PASS)
        execution = self.sfn.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        self.ended(execution)
        whole = self.sfn.get_execution_history(executionArn=execution)
        self.assertNotIn("nextToken", whole)
        self.assertEqual([(e["id"], e["previousEventId"], e["type"]) for e in whole["events"]], [
            (1, 0, "ExecutionStarted"), (2, 0, "PassStateEntered"), (3, 2, "PassStateExited"), (4, 3, "PassStateEntered"),
            (5, 4, "PassStateExited"), (6, 5, "ExecutionSucceeded")])
        self.assertEqual(whole["events"][1]["stateEnteredEventDetails"], {"name": "A", "input": "{}", "inputDetails": {"truncated": False}})
        pages = self.sfn.get_paginator("get_execution_history").paginate(
            executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 4})
        self.assertEqual([[e["id"] for e in page["events"]] for page in pages], [[6, 5, 4, 3], [2, 1]])
        bare = self.sfn.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
        self.assertNotIn("input", bare[0]["executionStartedEventDetails"])

    def test_executions_are_listed_by_status_the_newest_first(self):
        machine = self.machine("listed", "A", A={
            "Type": "Choice", "Choices": [{"Variable": "$.wait", "IsPresent": True, "Next": "W"}], "Default": "S"}, W=WAIT, S={"Type": "Succeed"})
        for name in ("a", "b", "c"):
            self.ended(self.sfn.start_execution(stateMachineArn=machine, name=name)["executionArn"])
        running = self.sfn.start_execution(stateMachineArn=machine, name="d", input='{"wait": 1}')["executionArn"]

        def names(**arguments):
            pages = self.sfn.get_paginator("list_executions").paginate(
                stateMachineArn=machine, PaginationConfig={"PageSize": 2}, **arguments)
            return [execution["name"] for page in pages for execution in page["executions"]]
        self.assertEqual(names(), ["d", "c", "b", "a"])
        self.assertEqual(names(statusFilter="SUCCEEDED"), ["c", "b", "a"])
        self.assertEqual(names(statusFilter="RUNNING"), ["d"])
        self.assertEqual(names(statusFilter="FAILED"), [])
        self.sfn.stop_execution(executionArn=running)
        self.assertEqual(names(statusFilter="ABORTED"), ["d"])

    def test_parallel_branches_and_map_iterations(self):
        one, two, each = ({"StartAt": name, "States": {name: PASS}} for name in ("One", "Two", "Each"))
        machine = self.machine("both", "P", P={"Type": "Parallel", "Branches": [one, two], "Next": "M"},
                               M={"Type": "Map", "ItemProcessor": each, "End": True})
        self.assertEqual(self.outcome(machine, [1, 2]), ("SUCCEEDED", [[1, 2], [1, 2]]))

    def test_bad_requests_are_refused_in_the_service_s_words(self):
        machine = self.machine("bad", "A", A=PASS)
        missing = arn("execution", "bad:missing")
        for code, message, operation, arguments in [
            ("InvalidExecutionInput", None, self.sfn.start_execution, dict(stateMachineArn=machine, input="not json")),
            ("InvalidName", "Invalid Name: 'a b'", self.sfn.start_execution, dict(stateMachineArn=machine, name="a b")),
            ("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % missing, self.sfn.describe_execution, dict(executionArn=missing)),
            ("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % missing, self.sfn.stop_execution, dict(executionArn=missing)),
            ("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % missing, self.sfn.get_execution_history, dict(executionArn=missing)),
            ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: no-arn'", self.sfn.list_executions, dict(stateMachineArn="no-arn")),
            ("InvalidToken", "Invalid Token: 'Invalid token'", self.sfn.list_executions, dict(stateMachineArn=machine, nextToken="no")),
        ]:
            with self.subTest(code=code, message=message):
                self.refused(code, message, operation, **arguments)

    def test_the_state_machine_of_an_execution_is_shown_after_its_deletion(self):
        machine = self.machine("kept", "A", A=PASS)
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]
        self.ended(execution)
        described = self.sfn.describe_state_machine(stateMachineArn=machine)
        self.sfn.delete_state_machine(stateMachineArn=machine)
        shown = self.sfn.describe_state_machine_for_execution(executionArn=execution)
        for name in ("stateMachineArn", "name", "definition", "roleArn", "loggingConfiguration", "tracingConfiguration",
                     "encryptionConfiguration"):
            self.assertEqual(shown[name], described[name], name)
        self.assertEqual(shown["updateDate"], described["creationDate"])
        missing = arn("execution", "kept:missing")
        self.refused("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % missing,
                     self.sfn.describe_state_machine_for_execution, executionArn=missing)

    def test_what_goes_wrong_inside_says_where(self):
        machine = self.machine("inside", "A", A={"Type": "Pass", "InputPath": "$.missing", "End": True})
        status, error, cause = self.outcome(machine, {"a": 1})
        self.assertEqual((status, error), ("FAILED", "States.Runtime"))
        self.assertTrue(cause.startswith("An error occurred while executing the state 'A' (entered at the event id #2). "), cause)

    def test_data_is_handed_on_as_json(self):
        machine = self.machine("data", "A", A=PASS)
        for value in (None, True, 0, 1.5, "text", [], {"deep": {"er": [None]}}):
            execution = self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(value))["executionArn"]
            self.assertEqual(self.ended(execution)["output"], json.dumps(value))


class Scaled(StepwellTest):
    OPTIONS = ("--wait-time-scale", "0")

    def test_a_wait_that_is_scaled_to_nothing_takes_no_time(self):
        machine = self.machine("scaled", "A", A=WAIT)
        self.assertEqual(self.outcome(machine)[0], "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()
