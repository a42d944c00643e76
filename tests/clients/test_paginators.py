"""boto3's paginators: each of them over more than one page."""
import unittest

from botocore import xform_name
from botocore.loaders import create_loader

from stepwell import StepwellTest

PASS = {"Type": "Pass", "End": True}


class Paginators(StepwellTest):
    def test_all_of_them(self):
        for i in range(5):
            self.sfn.create_activity(name="a%d" % i)
            self.machine("m%d" % i, "A", A=PASS)
        machine = self.machine("m0", "A", A=PASS)
        executions = [self.sfn.start_execution(stateMachineArn=machine, name="e%d" % i)["executionArn"] for i in range(5)]
        self.ended(executions[0])
        history = {"executionArn": executions[0]}
        expected = {
            "GetExecutionHistory": (history, "events", "id", [1, 2, 3, 4]),
            "ListActivities": ({}, "activities", "name", ["a%d" % i for i in range(5)]),
            "ListExecutions": ({"stateMachineArn": machine}, "executions", "executionArn", executions[::-1]),
            # Nothing makes map runs yet.
            "ListMapRuns": (history, "mapRuns", "mapRunArn", []),
            "ListStateMachines": ({}, "stateMachines", "name", ["m%d" % i for i in range(5)]),
        }
        known = create_loader().load_service_model("stepfunctions", "paginators-1")["pagination"]
        self.assertEqual(set(expected), set(known))
        for operation, (arguments, member, key, items) in expected.items():
            paginator = self.sfn.get_paginator(xform_name(operation))
            pages = list(paginator.paginate(**arguments, PaginationConfig={"PageSize": 2}))
            self.assertEqual([item[key] for page in pages for item in page[member]], items, operation)
            self.assertEqual(len(pages), max(1, -(-len(items) // 2)), operation)
            whole = paginator.paginate(**arguments, PaginationConfig={"PageSize": 3, "MaxItems": 4}).build_full_result()
            self.assertEqual([item[key] for item in whole[member]], items[:4], operation)


if __name__ == "__main__":
    unittest.main()
