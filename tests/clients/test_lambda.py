"""Tasks that invoke Lambda functions, with a stand-in for Lambda."""
import http.server
import json
import threading
import unittest

from stepwell import Server, StepwellTest

PREFIX = "/2015-03-31/functions/"


class Functions(http.server.BaseHTTPRequestHandler):
    """echo: returns its payload; fail: fails; flaky: fails once; slow: never returns. Anything else does not exist."""

    protocol_version = "HTTP/1.1"
    calls = []
    released = threading.Event()

    def log_message(self, *_):
        pass

    def do_POST(self):
        payload = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        name = self.path[len(PREFIX):].split("/")[0]
        self.calls.append((name, payload, self.headers["Authorization"]))
        failure = {"errorMessage": "no", "errorType": "Oops"}
        if name == "echo":
            self.answer(200, payload or "{}")
        elif name == "fail" or name == "flaky" and [call[0] for call in self.calls].count("flaky") == 1:
            self.answer(200, json.dumps(failure), ("X-Amz-Function-Error", "Unhandled"))
        elif name == "flaky":
            self.answer(200, '"at last"')
        elif name == "slow":
            self.released.wait(30)
            self.close_connection = True
        else:
            message = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:%s:$LATEST" % name
            self.answer(404, json.dumps({"Message": message}), ("x-amzn-ErrorType", "ResourceNotFoundException"))

    def answer(self, status, body, *headers):
        self.send_response(status)
        for header in (*headers, ("x-amzn-RequestId", "r-1"), ("X-Amz-Executed-Version", "$LATEST"),
                       ("Content-Type", "application/json"), ("Content-Length", str(len(body.encode())))):
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body.encode())


class Tasks(StepwellTest):
    @classmethod
    def setUpClass(cls):
        cls.functions = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Functions)
        threading.Thread(target=cls.functions.serve_forever, daemon=True).start()
        cls.server = Server(LAMBDA_ENDPOINT="http://127.0.0.1:%d" % cls.functions.server_address[1])
        cls.sfn = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        Functions.released.set()
        super().tearDownClass()
        cls.functions.shutdown()
        cls.functions.server_close()

    def by_arn(self, function, **more):
        resource = "arn:aws:lambda:us-east-1:123456789012:function:" + function
        return {"Type": "Task", "Resource": resource, "End": True, **more}

    def invoke(self, function, **more):
        return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                "Parameters": {"FunctionName": function, "Payload.$": "$"}, **more}

    def test_a_function_is_given_the_input_and_gives_the_output(self):
        self.assertEqual(self.outcome(self.machine("arn", "T", T=self.by_arn("echo")), {"n": [1]}), ("SUCCEEDED", {"n": [1]}))
        status, output = self.outcome(self.machine("invoke", "T", T=self.invoke("echo")), {"n": [1]})
        self.assertEqual((status, output["Payload"], output["StatusCode"], output["ExecutedVersion"]), ("SUCCEEDED", {"n": [1]}, 200, "$LATEST"))
        self.assertEqual(output["SdkHttpMetadata"]["HttpHeaders"]["x-amzn-RequestId"], "r-1")
        self.assertEqual(output["SdkResponseMetadata"], {"RequestId": "r-1"})
        self.assertIn("/us-east-1/lambda/aws4_request", Functions.calls[-1][2])

    def test_a_function_s_failure_is_that_of_the_task(self):
        self.assertEqual(self.outcome(self.machine("fail-arn", "T", T=self.by_arn("fail"))),
                         ("FAILED", "Oops", '{"errorMessage": "no", "errorType": "Oops"}'))
        self.assertEqual(self.outcome(self.machine("fail-invoke", "T", T=self.invoke("fail"))),
                         ("FAILED", "Oops", '{"errorMessage":"no","errorType":"Oops"}'))

    def test_a_failure_is_retried(self):
        task = self.by_arn("flaky", Retry=[{"ErrorEquals": ["Oops"], "IntervalSeconds": 1}])
        self.assertEqual(self.outcome(self.machine("flaky", "T", T=task)), ("SUCCEEDED", "at last"))

    def test_a_function_that_does_not_exist(self):
        cause = ("Function not found: arn:aws:lambda:us-east-1:123456789012:function:none:$LATEST (Service: AWSLambda; "
                 "Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r-1; Proxy: null)")
        self.assertEqual(self.outcome(self.machine("none", "T", T=self.invoke("none"))), ("FAILED", "Lambda.ResourceNotFoundException", cause))

    def test_a_function_that_takes_too_long(self):
        self.assertEqual(self.outcome(self.machine("slow", "T", T=self.by_arn("slow", TimeoutSeconds=1))), ("FAILED", "States.Timeout", None))


class WithoutEndpoint(StepwellTest):
    def test_the_failure_says_what_to_set(self):
        task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
        status, error, cause = self.outcome(self.machine("alone", "T", T=task))
        self.assertEqual((status, error), ("FAILED", "Lambda.SdkClientException"))
        self.assertIn("LAMBDA_ENDPOINT", cause)


if __name__ == "__main__":
    unittest.main()
