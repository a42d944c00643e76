"""Activities and their workers through boto3."""
import datetime
import json
import threading
import unittest

from stepwell import StepwellTest, arn


class Activities(StepwellTest):
    def activity(self, name, **task):
        """An activity and a state machine with a task for it; gives both ARNs."""
        activity = self.sfn.create_activity(name=name)["activityArn"]
        machine = self.machine(name, "T", T={"Type": "Task", "Resource": activity, "End": True, **task})
        return activity, machine

    def test_what_is_created_is_described_and_listed_and_deleted(self):
        created = self.sfn.create_activity(name="life")
        self.assertEqual(created["activityArn"], arn("activity", "life"))
        self.assertIsInstance(created["creationDate"], datetime.datetime)
        self.assertEqual(self.sfn.create_activity(name="life")["creationDate"], created["creationDate"])
        described = self.sfn.describe_activity(activityArn=created["activityArn"])
        self.assertEqual((described["name"], described["creationDate"]), ("life", created["creationDate"]))
        for i in range(3):
            self.sfn.create_activity(name="life-%d" % i)
        pages = list(self.sfn.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 2}))
        names = [activity["name"] for page in pages for activity in page["activities"]]
        self.assertEqual([name for name in names if name.startswith("life")], ["life", "life-0", "life-1", "life-2"])
        self.sfn.delete_activity(activityArn=created["activityArn"])
        self.sfn.delete_activity(activityArn=created["activityArn"])
        self.refused("ActivityDoesNotExist", "Activity Does Not Exist: '%s'" % created["activityArn"],
                     self.sfn.describe_activity, activityArn=created["activityArn"])

    def test_a_worker_that_waits_is_given_the_task(self):
        activity, machine = self.activity("waiting")
        given = {}
        worker = self.server.client()

        def work():
            task = worker.get_activity_task(activityArn=activity, workerName="w")
            given.update(task)
            worker.send_task_heartbeat(taskToken=task["taskToken"])
            worker.send_task_success(taskToken=task["taskToken"], output=json.dumps({"done": json.loads(task["input"])}))
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.assertEqual(self.outcome(machine, {"n": 1}), ("SUCCEEDED", {"done": {"n": 1}}))
        thread.join(timeout=10)
        self.assertEqual(json.loads(given["input"]), {"n": 1})

    def test_a_worker_that_comes_later_finds_the_task(self):
        activity, machine = self.activity("later")
        execution = self.sfn.start_execution(stateMachineArn=machine, input="[]")["executionArn"]
        task = self.sfn.get_activity_task(activityArn=activity, workerName="Ann")
        self.sfn.send_task_failure(taskToken=task["taskToken"], error="Oops", cause="why")
        described = self.ended(execution)
        self.assertEqual([described[name] for name in ("status", "error", "cause")], ["FAILED", "Oops", "why"])
        events = self.sfn.get_execution_history(executionArn=execution)["events"]
        self.assertEqual([event["type"] for event in events], [
            "ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivityFailed", "ExecutionFailed"])
        self.assertEqual(events[3]["activityStartedEventDetails"], {"workerName": "Ann"})
        self.refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'",
                     self.sfn.send_task_success, taskToken=task["taskToken"], output="{}")

    def test_several_workers_share_the_work(self):
        activity, _ = self.activity("shared")
        machine = self.machine("shared-map", "M", M={"Type": "Map", "End": True, "ItemProcessor": {
            "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}})
        done = []

        def work(client):
            for _ in range(5):
                task = client.get_activity_task(activityArn=activity)
                client.send_task_success(taskToken=task["taskToken"], output=json.dumps(2 * json.loads(task["input"])))
                done.append(task["taskToken"])
        workers = [threading.Thread(target=work, args=(self.server.client(),), daemon=True) for _ in range(4)]
        for worker in workers:
            worker.start()
        self.assertEqual(self.outcome(machine, list(range(20))), ("SUCCEEDED", [2 * n for n in range(20)]))
        # The execution may be seen to have ended before the last worker hears its answer.
        for worker in workers:
            worker.join(timeout=10)
        self.assertEqual(len(set(done)), 20)

    def test_a_task_that_nobody_takes_times_out(self):
        _, machine = self.activity("slow", TimeoutSeconds=1)
        self.assertEqual(self.outcome(machine), ("FAILED", "States.Timeout", None))

    def test_a_worker_that_falls_silent_is_given_up(self):
        activity, machine = self.activity("silent", TimeoutSeconds=60, HeartbeatSeconds=1)
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]
        token = self.sfn.get_activity_task(activityArn=activity)["taskToken"]
        self.sfn.send_task_heartbeat(taskToken=token)
        described = self.ended(execution)
        self.assertEqual((described["status"], described["error"]), ("FAILED", "States.Timeout"))
        self.refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", self.sfn.send_task_heartbeat, taskToken=token)

    def test_a_failed_task_is_tried_again_and_then_caught(self):
        activity = self.sfn.create_activity(name="retried")["activityArn"]
        machine = self.machine(
            "retried", "T", C={"Type": "Pass", "End": True},
            T={"Type": "Task", "Resource": activity, "End": True,
               "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}],
               "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "C"}]})
        execution = self.sfn.start_execution(stateMachineArn=machine, input='{"n": 1}')["executionArn"]
        for cause in ("first", "second"):
            task = self.sfn.get_activity_task(activityArn=activity)
            self.sfn.send_task_failure(taskToken=task["taskToken"], error="Again", cause=cause)
        output = json.loads(self.ended(execution)["output"])
        self.assertEqual(output, {"n": 1, "failure": {"Error": "Again", "Cause": "second"}})

    def test_bad_requests_are_refused_in_the_service_s_words(self):
        missing = arn("activity", "missing")
        for code, message, operation, arguments in [
            ("InvalidName", "Invalid Name: 'a b'", self.sfn.create_activity, dict(name="a b")),
            ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: no-arn'", self.sfn.describe_activity, dict(activityArn="no-arn")),
            ("ActivityDoesNotExist", "Activity Does Not Exist: '%s'" % missing, self.sfn.describe_activity, dict(activityArn=missing)),
            ("ActivityDoesNotExist", "Activity Does Not Exist: '%s'" % missing, self.sfn.get_activity_task, dict(activityArn=missing)),
            ("InvalidToken", "Invalid Token: 'Invalid token'", self.sfn.send_task_success, dict(taskToken="no", output="{}")),
            ("InvalidToken", "Invalid Token: 'Invalid token'", self.sfn.send_task_failure, dict(taskToken="no")),
            ("InvalidToken", "Invalid Token: 'Invalid token'", self.sfn.send_task_heartbeat, dict(taskToken="no")),
        ]:
            with self.subTest(code=code, message=message):
                self.refused(code, message, operation, **arguments)

    def test_an_output_must_be_json(self):
        activity, machine = self.activity("output")
        execution = self.sfn.start_execution(stateMachineArn=machine)["executionArn"]
        token = self.sfn.get_activity_task(activityArn=activity)["taskToken"]
        self.refused("InvalidOutput", None, self.sfn.send_task_success, taskToken=token, output="no json")
        self.sfn.send_task_success(taskToken=token, output='"json"')
        self.assertEqual(self.ended(execution)["output"], '"json"')


if __name__ == "__main__":
    unittest.main()
