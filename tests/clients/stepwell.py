"""Starts the program for the tests of this folder, and knows how to talk to it.

STEPWELL_BIN names the program. Every module of tests starts a server of its own on a free port and stops it at its end.
"""
import contextlib
import io
import json
import os
import subprocess
import time
import unittest
from unittest import mock

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/tests"

# What the user of this machine has configured must not leak into the tests.
for name in list(os.environ):
    if name.startswith("AWS_") or name.endswith("_ENDPOINT") or name.startswith("STEPWELL_") and name != "STEPWELL_BIN":
        del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION=REGION,
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_PAGER="",
)


class Server:
    """A running program."""

    def __init__(self, *options, **environment):
        self.process = subprocess.Popen(
            [os.environ["STEPWELL_BIN"], "--port", "0", *options],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        line = self.process.stderr.readline()
        while line.startswith("stepwell: warning:"):
            line = self.process.stderr.readline()
        if not line.startswith("Starting server on port "):
            raise AssertionError("the server did not start: %r" % line)
        self.url = "http://127.0.0.1:" + line.split()[4]

    def client(self, region=REGION, key="test"):
        """boto3's client; the read time-out is longer than the longest poll."""
        return boto3.client(
            "stepfunctions", endpoint_url=self.url, region_name=region, aws_access_key_id=key, aws_secret_access_key="test",
            config=Config(read_timeout=70, retries={"total_max_attempts": 1}))

    def stop(self):
        self.process.terminate()
        self.process.stderr.close()
        return self.process.wait(timeout=10)


class StepwellTest(unittest.TestCase):
    """Tests that share one server."""

    OPTIONS = ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.OPTIONS)
        cls.sfn = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def machine(self, name, start, **states):
        """Creates a state machine; gives its ARN."""
        definition = json.dumps({"StartAt": start, "States": states})
        return self.sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]

    def ended(self, execution):
        """The description of an execution once it has ended."""
        return poll(lambda: self.sfn.describe_execution(executionArn=execution), lambda d: d["status"] != "RUNNING")

    def outcome(self, machine, value=None, **arguments):
        """Runs a state machine; gives status and output, or status, error and cause."""
        started = self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(value if value is not None else {}), **arguments)
        description = self.ended(started["executionArn"])
        if description["status"] == "SUCCEEDED":
            return "SUCCEEDED", json.loads(description["output"])
        return description["status"], description.get("error"), description.get("cause")

    def refused(self, code, message, operation, **arguments):
        """Calls an operation that must be refused in this way."""
        with self.assertRaises(getattr(self.sfn.exceptions, code, self.sfn.exceptions.ClientError)) as caught:
            operation(**arguments)
        response = caught.exception.response
        self.assertEqual((response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]), (code, 400))
        if message is not None:
            self.assertEqual(response["Error"]["Message"], message)


def poll(ask, enough, seconds=20):
    """Asks again and again until the answer is good enough."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if enough(answer):
            return answer
        if time.monotonic() > end:
            raise AssertionError("still not there after %d s: %r" % (seconds, answer))
        time.sleep(0.02)


def arn(kind, name, account=ACCOUNT, region=REGION):
    return "arn:aws:states:%s:%s:%s:%s" % (region, account, kind, name)


def aws(server, *arguments, expect=0):
    """Runs the aws command line; gives its JSON output, or its last error line where it must fail.

    It runs inside this process, since starting Python for each command takes a second.
    """
    # It says in a variable of AWS where its data is, which must come after those of the user have gone.
    from awscli.clidriver import create_clidriver
    said, complained = io.StringIO(), io.StringIO()
    arguments = ["stepfunctions", *arguments, "--endpoint-url", server.url, "--output", "json"]
    # Without the variable the command line puts `sync-` before the host of some operations.
    variables = mock.patch.dict(os.environ, AWS_DISABLE_HOST_PREFIX_INJECTION="true")
    with variables, contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        status = create_clidriver().main(arguments)
    if (status == 0) != (expect == 0):
        raise AssertionError("aws %s: %d %s" % (" ".join(arguments), status, complained.getvalue()))
    if expect:
        return complained.getvalue().strip().splitlines()[-1]
    return json.loads(said.getvalue()) if said.getvalue().strip() else {}
