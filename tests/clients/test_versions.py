"""Updates, versions and aliases of state machines through boto3."""
import datetime
import json
import unittest

from stepwell import ROLE, StepwellTest

NOT_FOUND = "Request references a resource that does not exist."


def definition(result):
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}})


class Versions(StepwellTest):
    def versions(self, name, count):
        """Creates a state machine and publishes versions with the results 1, 2, ...; gives its ARN."""
        created = self.sfn.create_state_machine(name=name, definition=definition(1), roleArn=ROLE, publish=True, versionDescription="v1")
        self.assertEqual(created["stateMachineVersionArn"], created["stateMachineArn"] + ":1")
        for number in range(2, count + 1):
            updated = self.sfn.update_state_machine(stateMachineArn=created["stateMachineArn"], definition=definition(number), publish=True)
            self.assertEqual(updated["stateMachineVersionArn"], "%s:%d" % (created["stateMachineArn"], number))
        return created["stateMachineArn"]

    def test_an_update_makes_a_revision_unless_nothing_changes(self):
        machine = self.sfn.create_state_machine(name="updated", definition=definition(1), roleArn=ROLE)["stateMachineArn"]
        self.assertNotIn("revisionId", self.sfn.describe_state_machine(stateMachineArn=machine))
        first = self.sfn.update_state_machine(stateMachineArn=machine, definition=definition(2))
        self.assertIsInstance(first["updateDate"], datetime.datetime)
        same = self.sfn.update_state_machine(stateMachineArn=machine, definition=definition(2), roleArn=ROLE)
        self.assertEqual(same["revisionId"], first["revisionId"])
        other = self.sfn.update_state_machine(
            stateMachineArn=machine, tracingConfiguration={"enabled": True},
            loggingConfiguration={"level": "OFF", "includeExecutionData": True})
        self.assertNotEqual(other["revisionId"], first["revisionId"])
        described = self.sfn.describe_state_machine(stateMachineArn=machine)
        self.assertEqual(
            (described["revisionId"], described["definition"], described["tracingConfiguration"], described["loggingConfiguration"]),
            (other["revisionId"], definition(2), {"enabled": True}, {"level": "OFF", "includeExecutionData": True}))
        self.refused("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the "
                     "TracingConfiguration must be specified", self.sfn.update_state_machine, stateMachineArn=machine)
        self.refused("ConflictException", "Failed to publish the State Machine version for revision %s. The current State Machine revision is %s."
                     % (first["revisionId"], other["revisionId"]),
                     self.sfn.publish_state_machine_version, stateMachineArn=machine, revisionId=first["revisionId"])

    def test_versions_stay_what_they_were(self):
        machine = self.versions("published", 3)
        listed = self.sfn.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
        self.assertEqual([version["stateMachineVersionArn"][len(machine):] for version in listed], [":3", ":2", ":1"])
        first = self.sfn.describe_state_machine(stateMachineArn=machine + ":1")
        self.assertEqual((first["definition"], first["description"], first["stateMachineArn"]), (definition(1), "v1", machine + ":1"))
        again = self.sfn.publish_state_machine_version(stateMachineArn=machine, description="another")
        self.assertEqual(again["stateMachineVersionArn"], machine + ":3")
        self.assertEqual([self.outcome(machine + version)[1] for version in ("", ":1", ":2", ":3")], [3, 1, 2, 3])
        self.sfn.delete_state_machine_version(stateMachineVersionArn=machine + ":3")
        self.sfn.delete_state_machine_version(stateMachineVersionArn=machine + ":3")
        self.assertEqual(self.sfn.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"], machine + ":4")

    def test_an_alias_leads_to_versions(self):
        machine = self.versions("aliased", 2)
        route = {"stateMachineVersionArn": machine + ":1", "weight": 100}
        alias = self.sfn.create_state_machine_alias(name="PROD", routingConfiguration=[route])["stateMachineAliasArn"]
        self.assertEqual(alias, machine + ":PROD")
        self.assertEqual(self.outcome(alias, name="through"), ("SUCCEEDED", 1))
        execution = self.sfn.list_executions(stateMachineArn=alias)["executions"][0]
        shown = self.sfn.describe_execution(executionArn=execution["executionArn"])
        for answer in (execution, shown):
            self.assertEqual((answer["name"], answer["stateMachineArn"], answer["stateMachineVersionArn"], answer["stateMachineAliasArn"]),
                             ("through", machine, machine + ":1", alias))
        self.refused("ConflictException", "Version to be deleted must not be referenced by an alias. Current list of aliases referencing "
                     "this version: [PROD]", self.sfn.delete_state_machine_version, stateMachineVersionArn=machine + ":1")
        both = [dict(route, weight=50), {"stateMachineVersionArn": machine + ":2", "weight": 50}]
        self.sfn.update_state_machine_alias(stateMachineAliasArn=alias, description="both", routingConfiguration=both)
        described = self.sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
        self.assertEqual((described["description"], described["routingConfiguration"]), ("both", both))
        # That fifty starts all lead to the same version happens once in some 5 * 10^14 times.
        self.assertEqual({self.outcome(alias)[1] for _ in range(50)}, {1, 2})
        listed = self.sfn.list_state_machine_aliases(stateMachineArn=machine + ":2")["stateMachineAliases"]
        self.assertEqual([item["stateMachineAliasArn"] for item in listed], [alias])
        self.sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
        self.refused("ResourceNotFound", NOT_FOUND, self.sfn.describe_state_machine_alias, stateMachineAliasArn=alias)

    def test_bad_aliases_are_refused_in_the_service_s_words(self):
        machine = self.versions("refused", 3)
        one, two, three = ({"stateMachineVersionArn": "%s:%d" % (machine, number), "weight": 50} for number in (1, 2, 3))
        item = "RoutingConfigurationListItem(stateMachineVersionArn=%s, weight=50)"
        for message, routing in [
            ("1 validation error detected: Value '[%s]' at 'routingConfiguration' failed to satisfy constraint: Member must have length less "
             "than or equal to 2" % ", ".join(item % route["stateMachineVersionArn"] for route in (one, two, three)), [one, two, three]),
            ("Routing configuration must contain distinct state machine version ARNs. Received: [%s:1, %s:1]" % (machine, machine), [one, one]),
            ("Routing configuration must contain state machine version ARNs. Received: [%s]" % machine,
             [{"stateMachineVersionArn": machine, "weight": 100}]),
            ("Sum of routing configuration weights must equal 100. Received: [50, 51]", [one, dict(two, weight=51)]),
        ]:
            with self.subTest(message=message):
                self.refused("ValidationException", message, self.sfn.create_state_machine_alias, name="a", routingConfiguration=routing)


if __name__ == "__main__":
    unittest.main()
