"""Services that speak nothing but CBOR, of which no emulator is known: botocore reads what they are sent and writes what they answer.

Each operation is called once with all its members, so that both ends of the protocol are written by different people.
"""
import datetime
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.parsers
import botocore.serialize
import botocore.session

from stepwell import Server, StepwellTest

SERVICES = {"eventbridgev2": "eventbridgev2", "cloudwatchomni": "cloudwatchomni",
            "partnercentralrevenuemeasurement": "partnercentral-revenue-measurement"}
INSTANT = datetime.datetime(2024, 2, 29, 12, 30, 15, tzinfo=datetime.timezone.utc)
NUMBERS = [0, 23, 24, 255, 65536, -1, -25, 2**31 - 1]
LONGS = [2**53 + 1, -2**62, 7]
DOUBLES = [0.5, -1.5e300, 100.0]


class Sample:
    """A value for a shape: as botocore has it and as a state machine has it."""

    def __init__(self):
        self.count = 0

    def of(self, shape, above=()):
        self.count += 1
        kind = shape.type_name
        if kind == "structure":
            members = shape.members.items()
            if shape.is_tagged_union:
                members = list(members)[:1]
            pairs = [(name, self.of(member, (*above, shape.name))) for name, member in members
                     if not self.returns_to(member, (*above, shape.name))]
            return ({name: value for name, (value, _) in pairs},
                    {name[0].upper() + name[1:]: shown for name, (_, shown) in pairs})
        if kind == "list":
            value, shown = self.of(shape.member, above)
            return [value, value], [shown, shown]
        if kind == "map":
            value, shown = self.of(shape.value, above)
            keys = shape.key.enum[:1] if getattr(shape.key, "enum", None) else ["a.b", "ü"]
            return dict.fromkeys(keys, value), dict.fromkeys(keys, shown)
        if kind == "timestamp":
            return INSTANT, "2024-02-29T12:30:15Z"
        if kind == "blob":
            return "blöb".encode(), "blöb"
        plain = {
            "string": lambda: shape.enum[0] if getattr(shape, "enum", None) else "text %d €" % self.count,
            "boolean": lambda: self.count % 2 == 0,
            "integer": lambda: NUMBERS[self.count % len(NUMBERS)],
            "long": lambda: LONGS[self.count % len(LONGS)],
            "float": lambda: 0.25,
            "double": lambda: DOUBLES[self.count % len(DOUBLES)],
        }[kind]()
        return plain, plain

    def returns_to(self, shape, above):
        """Whether a shape has one of these in it, which would never end."""
        inner = {"list": lambda: [shape.member], "map": lambda: [shape.value]}.get(shape.type_name, lambda: [])()
        return shape.name in above or any(self.returns_to(member, above) for member in inner)


class Cbor(StepwellTest):
    @classmethod
    def setUpClass(cls):
        cls.requests, cls.answers = {}, {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                read = botocore.parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else None
                cls.requests[self.path] = (dict(self.headers.items()), read)
                status, content = cls.answers[self.path]
                self.send_response(status)
                self.send_header("smithy-protocol", "rpc-v2-cbor")
                self.send_header("Content-Type", "application/cbor")
                self.send_header("x-amzn-RequestId", "r-1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        cls.stub = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.stub.serve_forever, daemon=True).start()
        cls.server = Server(AWS_ENDPOINT_URL="http://127.0.0.1:%d" % cls.stub.server_port)
        cls.sfn = cls.server.client()
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.stub.shutdown()
        cls.stub.server_close()

    def call(self, resource, parameters):
        type(self).count += 1
        task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:" + resource, "Parameters": parameters, "End": True}
        return self.outcome(self.machine("m%d" % self.count, "T", T=task))

    def written(self, shape, value):
        """What botocore writes for a value."""
        out = bytearray()
        botocore.serialize.RpcV2CBORSerializer()._serialize_data_item(out, value, shape)
        return bytes(out)

    def test_every_operation_is_read_and_answered_by_botocore(self):
        session = botocore.session.get_session()
        for service, botocore_name in SERVICES.items():
            model = session.get_service_model(botocore_name)
            for name in model.operation_names:
                with self.subTest(service=service, operation=name):
                    operation = model.operation_model(name)
                    path = "/service/%s/operation/%s" % (model.metadata["targetPrefix"], name)
                    sent, parameters = Sample().of(operation.input_shape) if operation.input_shape else ({}, {})
                    answered, result = Sample().of(operation.output_shape) if operation.output_shape else ({}, {})
                    content = self.written(operation.output_shape, answered) if operation.output_shape else b""
                    type(self).answers[path] = (200, content)
                    outcome = self.call("%s:%s%s" % (service, name[0].lower(), name[1:]), parameters)
                    self.assertEqual(outcome, ("SUCCEEDED", result))
                    headers, read = self.requests[path]
                    self.assertEqual(headers.get("smithy-protocol"), "rpc-v2-cbor")
                    self.assertEqual(read if read is not None else {}, sent)

    def test_an_error_has_its_name_and_message(self):
        model = botocore.session.get_session().get_service_model("eventbridgev2")
        shape = model.operation_model("ListEventBuses").error_shapes[0]
        member = next(name for name in shape.members if name.lower() == "message")
        body = self.written(shape, {member: "gone ü"})
        # botocore has no serializer for the name of an error: a map of one member more, which it reads.
        typed = bytes([body[0] + 1]) + body[1:] if body[0] != 0xBF else body[:-1]
        typed += b"\x66__type" + bytes([0x78, len("x#" + shape.name)]) + ("x#" + shape.name).encode()
        typed += b"\xff" if body[0] == 0xBF else b""
        parsed = botocore.parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(typed)))
        self.assertEqual(parsed, {member: "gone ü", "__type": "x#" + shape.name})
        path = "/service/%s/operation/ListEventBuses" % model.metadata["targetPrefix"]
        type(self).answers[path] = (400, typed)
        status, error, cause = self.call("eventbridgev2:listEventBuses", {})
        self.assertEqual((status, error), ("FAILED", "EventBridgeV2." + shape.name), cause)
        self.assertIn("gone ü (Service: EventBridgeV2, Status Code: 400, Request ID: r-1)", cause)
