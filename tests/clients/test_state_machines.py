"""State machines through boto3."""
import datetime
import json
import unittest

from stepwell import ROLE, StepwellTest, arn, poll

PASS = {"Type": "Pass", "End": True}


class StateMachines(StepwellTest):
    def test_what_is_created_is_described(self):
        definition = '{ "StartAt": "A",\n "States": {"A": {"Type": "Pass", "End": true}} }'
        created = self.sfn.create_state_machine(name="described", definition=definition, roleArn=ROLE)
        self.assertEqual(created["stateMachineArn"], arn("stateMachine", "described"))
        self.assertIsInstance(created["creationDate"], datetime.datetime)
        described = self.sfn.describe_state_machine(stateMachineArn=created["stateMachineArn"])
        expected = dict(stateMachineArn=created["stateMachineArn"], name="described", status="ACTIVE", definition=definition,
                        roleArn=ROLE, type="STANDARD", creationDate=created["creationDate"])
        self.assertEqual({name: described.get(name) for name in expected}, expected)

    def test_creating_the_same_again_changes_nothing(self):
        first = self.machine("again", "A", A=PASS)
        self.assertEqual(self.machine("again", "A", A=PASS), first)
        self.refused("StateMachineAlreadyExists", "State Machine Already Exists: '%s'" % first,
                     lambda: self.machine("again", "B", B=PASS))

    def test_all_are_listed_page_by_page(self):
        names = ["listed-%d" % i for i in range(5)]
        for name in names:
            self.machine(name, "A", A=PASS)
        pages = list(self.sfn.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2}))
        self.assertTrue(all(len(page["stateMachines"]) <= 2 for page in pages))
        found = [machine["name"] for page in pages for machine in page["stateMachines"]]
        self.assertEqual([name for name in found if name.startswith("listed-")], names)
        self.assertEqual(found, sorted(found))
        self.assertEqual(len(found), len(set(found)))

    def test_what_is_deleted_is_gone(self):
        machine = self.machine("deleted", "A", A=PASS)
        self.sfn.delete_state_machine(stateMachineArn=machine)
        self.sfn.delete_state_machine(stateMachineArn=machine)

        def gone():
            try:
                return self.sfn.describe_state_machine(stateMachineArn=machine)["status"]
            except self.sfn.exceptions.StateMachineDoesNotExist:
                return None
        poll(gone, lambda status: status is None)
        self.refused("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'" % machine,
                     self.sfn.start_execution, stateMachineArn=machine)

    def test_bad_requests_are_refused_in_the_service_s_words(self):
        good = json.dumps({"StartAt": "A", "States": {"A": PASS}})
        missing = arn("stateMachine", "missing")
        for code, message, operation, arguments in [
            ("InvalidName", "Invalid Name: 'a b'", self.sfn.create_state_machine, dict(name="a b", definition=good, roleArn=ROLE)),
            ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: no-arn'", self.sfn.describe_state_machine, dict(stateMachineArn="no-arn")),
            ("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'" % missing, self.sfn.describe_state_machine,
             dict(stateMachineArn=missing)),
            ("ValidationException", "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
             "Member must have value less than or equal to 1000", self.sfn.list_state_machines, dict(maxResults=1001)),
            ("InvalidToken", "Invalid Token: 'Invalid token'", self.sfn.list_state_machines, dict(nextToken="no-token")),
            ("InvalidDefinition", None, self.sfn.create_state_machine, dict(name="bad", definition="{}", roleArn=ROLE)),
            ("InvalidDefinition", None, self.sfn.create_state_machine, dict(
                name="bad", definition=json.dumps({"StartAt": "B", "States": {"A": PASS}}), roleArn=ROLE)),
        ]:
            with self.subTest(code=code, message=message):
                self.refused(code, message, operation, **arguments)

    def test_definitions_are_validated(self):
        good = json.dumps({"StartAt": "A", "States": {"A": dict(PASS, Result="$.a")}})
        answer = self.sfn.validate_state_machine_definition(definition=good, type="STANDARD")
        self.assertEqual((answer["result"], answer["diagnostics"], answer["truncated"]), ("OK", [], False))
        answer = self.sfn.validate_state_machine_definition(definition=good, severity="WARNING")
        self.assertEqual((answer["result"], [d["code"] for d in answer["diagnostics"]]), ("OK", ["PASS_RESULT_IS_STATIC"]))
        bad = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": PASS}})
        answer = self.sfn.validate_state_machine_definition(definition=bad, maxResults=1)
        self.assertEqual((answer["result"], answer["truncated"]), ("FAIL", True))
        self.assertEqual(answer["diagnostics"], [{
            "severity": "ERROR", "code": "MISSING_TRANSITION_TARGET", "message": "Missing 'Next' target: B", "location": "/States/A/Next"}])
        self.refused("ValidationException", "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
                     "Member must have value less than or equal to 100",
                     self.sfn.validate_state_machine_definition, definition=good, maxResults=101)

    def test_tags_come_and_go(self):
        machine = self.machine("tagged", "A", A=PASS)
        activity = self.sfn.create_activity(name="tagged", tags=[{"key": "a", "value": "1"}])["activityArn"]
        for resource, tags in ((machine, {}), (activity, {"a": "1"})):
            def found():
                return {tag["key"]: tag["value"] for tag in self.sfn.list_tags_for_resource(resourceArn=resource)["tags"]}
            self.assertEqual(found(), tags)
            self.sfn.tag_resource(resourceArn=resource, tags=[{"key": "a", "value": "2"}, {"key": "b c", "value": ""}])
            self.assertEqual(found(), {"a": "2", "b c": ""})
            self.sfn.untag_resource(resourceArn=resource, tagKeys=["a", "unknown"])
            self.assertEqual(found(), {"b c": ""})
            self.refused("TooManyTags", None, self.sfn.tag_resource, resourceArn=resource,
                         tags=[{"key": str(i), "value": ""} for i in range(50)])
        for resource in (machine + ":1", arn("activity", "missing")):
            self.refused("ResourceNotFound", "Resource not found: '%s'" % resource, self.sfn.list_tags_for_resource, resourceArn=resource)

    def test_accounts_and_regions_are_worlds_of_their_own(self):
        self.machine("here", "A", A=PASS)
        there = self.server.client(region="eu-west-1", key="000000000000")
        self.assertEqual(there.list_state_machines()["stateMachines"], [])
        definition = json.dumps({"StartAt": "A", "States": {"A": PASS}})
        created = there.create_state_machine(name="here", definition=definition, roleArn=ROLE)["stateMachineArn"]
        self.assertEqual(created, arn("stateMachine", "here", account="000000000000", region="eu-west-1"))


if __name__ == "__main__":
    unittest.main()
