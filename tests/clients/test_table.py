"""The table of the services' APIs holds what botocore's models say: read here by another reader than the program's, and
compared with botocore's own view of each model, member by member."""

import importlib.util
import pathlib
import re
import unittest

import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
import botocore.model
import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[2]

KINDS = {0: "structure", 1: "list", 2: "map", 3: "string", 4: "boolean", 5: "integer", 6: "long", 7: "float",
         8: "double", 9: "timestamp", 10: "blob", 11: "document"}
PROTOCOLS = {0: "json", 1: "smithy-rpc-v2-cbor", 2: "query", 3: "ec2", 4: "rest-json", 5: "rest-xml"}
LOCATIONS = {0: None, 1: "header", 2: "headers", 3: "querystring", 4: "uri", 5: "statusCode"}


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "src/service_model/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Reader:
    """A block as plain Python: dictionaries and lists."""

    def __init__(self, block):
        self.block, self.place, self.texts = block, 0, []
        for length in self.list(self.number):
            self.texts.append(length)
        for i, length in enumerate(self.texts):
            self.texts[i] = self.block[self.place:self.place + length].decode()
            self.place += length
        texts = ["id", "endpoint_prefix", "signing_name", "api_version", "target_prefix", "json_version", "namespace"]
        self.service = {name: self.text() for name in texts}
        self.service["protocols"] = [PROTOCOLS[number] for number in self.list(self.number)]
        self.service["query_compatible"] = bool(self.number())
        self.shapes = self.list(self.shape)
        self.operations = {operation["name"]: operation for operation in self.list(self.operation)}
        self.errors = dict(self.list(self.error))
        self.places = self.list(lambda: self.list(self.rule))
        assert self.place == len(block)

    def number(self):
        number, shift = 0, 0
        while True:
            byte = self.block[self.place]
            self.place += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def text(self):
        place = self.number()
        return self.texts[place - 1] if place else None

    def list(self, item):
        return [item() for _ in range(self.number())]

    def shape(self):
        kind = KINDS[self.number()]
        if kind == "structure":
            flags = self.number()
            return {"kind": kind, "union": bool(flags & 1), "members": self.list(self.member)}
        shape = {"kind": kind}
        if kind == "list":
            shape |= {"flattened": bool(self.number()), "item": self.number(), "item_name": self.text()}
        elif kind == "map":
            shape |= {"flattened": bool(self.number()), "key": self.number(), "value": self.number(),
                      "key_name": self.text(), "value_name": self.text()}
        elif kind == "string":
            shape["values"] = self.list(self.text)
        elif kind == "timestamp":
            shape["format"] = [None, "iso8601", "unixTimestamp", "rfc822"][self.number()]
        return shape | {"min": self.text(), "max": self.text()}

    def member(self):
        member = {"name": self.text(), "shape": self.number()}
        flags = self.number()
        member["location"] = LOCATIONS[flags & 7]
        member["wire"] = self.text() if flags >> 3 & 1 else member["name"]
        if flags >> 4 & 1:
            member["namespace"], _, member["query_name"], member["renamed"] = (self.text() for _ in range(4))
        for place, name in enumerate(["required", "payload", "token", "json", "flattened", "attribute", "streaming"], 5):
            member[name] = bool(flags >> place & 1)
        return member

    def operation(self):
        operation = {"name": self.text(), "method": self.text(), "uri": self.text(), "input": self.number() - 1,
                     "output": self.number() - 1}
        flags = self.number()
        operation |= {"refused": bool(flags & 1), "streams": bool(flags & 2), "checksum": flags >> 2 & 3,
                      "unsigned": bool(flags >> 4 & 1)}
        for name in ["input_name", "input_namespace", "wrapper", "host_prefix", "checksum_header"]:
            operation[name] = self.text()
        operation["places"] = self.number()
        return operation

    def rule(self):
        return {name: self.text() for name in ("scope", "host", "region", "name")}

    def host(self, operation, region, partition):
        """Host, and region and name in signatures."""
        rules = {rule["scope"]: rule for rule in self.places[operation["places"]]}
        rule = rules.get(region) or rules.get(partition["id"]) or rules.get(None)
        suffixes = partition["outputs"]
        host = rule["host"].replace("{r}", region).replace("{s}", suffixes["dnsSuffix"])
        return (host.replace("{d}", suffixes["dualStackDnsSuffix"]), rule["region"] or region,
                rule["name"] or self.service["signing_name"])

    def error(self):
        code, name = self.text(), self.text()
        return code, name or code


class TestTable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.generate = generator()
        cls.table = cls.generate.unpacked((ROOT / "src/service_model/table.bin").read_bytes())
        loader = botocore.loaders.Loader()
        cls.models = {}
        for directory in loader.list_available_services("service-2"):
            model = botocore.model.ServiceModel(loader.load_service_model(directory, "service-2"), directory)
            name = cls.generate.class_name(model.metadata["serviceId"]).lower()
            if name not in cls.generate.LEFT_OUT:
                cls.models.setdefault(name, model)
        cls.directories = {model.service_name for model in cls.models.values()}

    def test_it_is_what_the_generator_makes(self):
        self.assertEqual(self.generate.unpacked(self.generate.table()), self.table)

    def test_what_is_refused_or_left_out_is_there_to_be_refused(self):
        loader = botocore.loaders.Loader()
        ids = [loader.load_service_model(directory, "service-2")["metadata"]["serviceId"]
               for directory in loader.list_available_services("service-2")]
        self.assertLessEqual(self.generate.LEFT_OUT, {self.generate.class_name(id).lower() for id in ids})
        for name, operations in self.generate.REFUSED.items():
            if name in self.table:
                rows = Reader(self.table[name][1]).operations
                self.assertEqual({row for row in rows if rows[row]["refused"]}, operations & set(rows), name)

    def test_it_has_all_services_with_all_their_operations(self):
        self.assertEqual(sorted(self.table), sorted(self.models))
        for name, model in self.models.items():
            with self.subTest(name):
                reader = Reader(self.table[name][1])
                metadata = model.metadata
                self.assertEqual(reader.service["id"], metadata["serviceId"])
                self.assertEqual(reader.service["signing_name"], model.signing_name)
                self.assertEqual(reader.service["endpoint_prefix"], metadata["endpointPrefix"])
                self.assertEqual(reader.service["api_version"], metadata["apiVersion"])
                self.assertEqual(reader.service["target_prefix"], metadata.get("targetPrefix"))
                self.assertEqual(reader.service["json_version"], metadata.get("jsonVersion"))
                self.assertEqual(reader.service["protocols"], metadata.get("protocols", [metadata["protocol"]]))
                versioned = re.compile(r"\d{4}_\d{2}_\d{2}$")
                self.assertEqual(sorted(reader.operations), sorted(versioned.sub("", o) for o in model.operation_names))
                compared = set()
                for operation_name in model.operation_names:
                    operation = model.operation_model(operation_name)
                    row = reader.operations[versioned.sub("", operation_name)]
                    self.assertEqual((row["method"], row["uri"]),
                                     (operation.http["method"], operation.http["requestUri"]), operation_name)
                    for shape, place in ((operation.input_shape, row["input"]), (operation.output_shape, row["output"])):
                        self.assertEqual(shape is None, place < 0, operation_name)
                        if shape is not None:
                            self.same(reader, shape, place, compared)
                for error in model.error_shapes:
                    self.assertTrue(error.name in reader.errors or error.name in self.generate.UNNAMED_ERRORS.get(name, ()))

    def same(self, reader, shape, place, compared):
        """Compares a shape of botocore's with one of the table's, and what they are made of."""
        row = reader.shapes[place]
        kind = "document" if getattr(shape, "is_document_type", False) else shape.type_name
        self.assertEqual(row["kind"], {"character": "string"}.get(kind, kind), shape.name)
        if (shape.name, place) in compared:
            return
        compared.add((shape.name, place))
        if kind == "structure":
            added = {"SourceRegion"} - {member["name"] for member in row["members"]}
            members = {name: member for name, member in shape.members.items() if name not in added}
            self.assertEqual([member["name"] for member in row["members"]], list(members), shape.name)
            self.assertEqual(row["union"], shape.is_tagged_union, shape.name)
            for member in row["members"]:
                model = members[member["name"]]
                traits = model.serialization
                context = f"{shape.name}.{member['name']}"
                if not member["payload"]:
                    self.assertEqual(member["wire"], traits.get("name", member["name"]), context)
                self.assertEqual(member["location"], traits.get("location"), context)
                self.assertEqual(member["required"], member["name"] in shape.required_members, context)
                self.assertEqual(member["payload"], shape.serialization.get("payload") == member["name"], context)
                self.assertEqual(member["token"], bool(model.metadata.get("idempotencyToken")), context)
                self.assertEqual(member["json"], bool(traits.get("jsonvalue")), context)
                self.assertEqual(member["attribute"], bool(traits.get("xmlAttribute")), context)
                self.assertEqual(member.get("query_name"), traits.get("queryName"), context)
                inner = reader.shapes[member["shape"]]
                flattened = member["flattened"] or inner.get("flattened", False)
                self.assertEqual(flattened, bool(traits.get("flattened")), context)
                self.same(reader, model, member["shape"], compared)
        elif kind == "list":
            self.assertEqual(row["item_name"], shape.member.serialization.get("name"), shape.name)
            self.same(reader, shape.member, row["item"], compared)
        elif kind == "map":
            self.assertEqual(row["key_name"], shape.key.serialization.get("name"), shape.name)
            self.assertEqual(row["value_name"], shape.value.serialization.get("name"), shape.name)
            self.same(reader, shape.key, row["key"], compared)
            self.same(reader, shape.value, row["value"], compared)
        elif kind == "timestamp":
            self.assertEqual(row["format"], shape.serialization.get("timestampFormat"), shape.name)
        elif kind == "string" and row["values"]:
            self.assertEqual(row["values"], shape.enum, shape.name)

    def test_services_are_where_botocore_calls_them(self):
        loader = botocore.loaders.Loader()
        partitions = loader.load_data("partitions")
        unknown = set()
        for directory in sorted(self.directories):
            rules = loader.load_service_model(directory, "endpoint-rule-set-1")
            provider = botocore.endpoint_provider.EndpointProvider(rules, partitions)
            model = loader.load_service_model(directory, "service-2")
            reader = Reader(self.table[self.generate.class_name(model["metadata"]["serviceId"]).lower()][1])
            parameters = {name: rule["default"] for name, rule in rules["parameters"].items() if "default" in rule}
            with self.subTest(directory):
                for partition in partitions["partitions"]:
                    for region in (region for region in partition["regions"] if "global" not in region):
                        try:
                            endpoint = provider.resolve_endpoint(**parameters | {"Region": region})
                        except botocore.exceptions.EndpointProviderError:
                            unknown.add(directory)
                            continue
                        operation = next(
                            (name for name, o in model["operations"].items() if "staticContextParams" not in o), None)
                        if operation is None:
                            unknown.add(directory)
                            continue
                        row = reader.operations[re.sub(r"\d{4}_\d{2}_\d{2}$", "", operation)]
                        host, signing_region, name = reader.host(row, region, partition)
                        self.assertEqual(f"https://{host}", endpoint.url)
                        scheme = {s["name"]: s for s in endpoint.properties.get("authSchemes", [])}.get("sigv4", {})
                        if model["metadata"].get("signatureVersion") not in ("v2", "bearer"):
                            self.assertEqual(signing_region, scheme.get("signingRegion", region))
                            self.assertEqual(name, scheme.get("signingName", reader.service["signing_name"]))
        # Only operations say which of two hosts they are at, or only the parameters of a call.
        self.assertEqual(unknown, {"acm", "cloudfront-keyvaluestore", "kinesis", "neptune-graph", "signin"})

    def test_clients_of_botocore_go_there_too(self):
        session = botocore.session.Session()
        partitions = botocore.loaders.Loader().load_data("partitions")["partitions"]
        for name, region, host in [
            ("sqs", "eu-west-1", "sqs.eu-west-1.amazonaws.com"),
            ("iam", "eu-west-1", "iam.amazonaws.com"),
            ("s3", "eu-west-1", "s3.eu-west-1.amazonaws.com"),
            ("ses", "us-west-2", "email.us-west-2.amazonaws.com"),
            ("iot", "us-east-1", "iot.us-east-1.amazonaws.com"),
            ("dynamodb", "cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn"),
            ("organizations", "us-gov-east-1", "organizations.us-gov-west-1.amazonaws.com"),
        ]:
            with self.subTest(name):
                client = session.create_client(name, region, aws_access_key_id="a", aws_secret_access_key="b")
                self.assertEqual(client.meta.endpoint_url, f"https://{host}")
                metadata = client.meta.service_model.metadata
                reader = Reader(self.table[self.generate.class_name(metadata["serviceId"]).lower()][1])
                operation = next(iter(reader.operations.values()))
                partition = next(p for p in partitions if region in p["regions"])
                self.assertEqual(reader.host(operation, region, partition)[0], host)

    def test_the_programs_partitions_are_botocores(self):
        text = (ROOT / "src/partition.rs").read_text()
        rows = {row[0]: row for row in re.findall(r'partition\("(.*?)", "(.*?)", "(.*?)", "(.*?)"\)', text)}
        for partition in botocore.loaders.Loader().load_data("partitions")["partitions"]:
            outputs = partition["outputs"]
            id, prefix, *suffixes = rows.pop(partition["id"])
            self.assertEqual(suffixes, [outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]])
            for region in (region for region in partition["regions"] if "global" not in region):
                self.assertTrue(region.startswith(prefix), region)
                longer = [row for row in rows.values() if len(row[1]) > len(prefix) and region.startswith(row[1])]
                self.assertEqual(longer, [], region)
        self.assertEqual(rows, {})

    def test_limits_and_values_of_results_are_there(self):
        lambdas = Reader(self.table["lambda"][1])
        members = lambdas.shapes[lambdas.operations["GetFunction"]["output"]]["members"]
        configuration = next(member for member in members if member["name"] == "Configuration")
        members = {member["name"]: lambdas.shapes[member["shape"]] for member in lambdas.shapes[configuration["shape"]]["members"]}
        self.assertEqual((members["MemorySize"]["min"], members["MemorySize"]["max"]), ("128", "10240"))
        self.assertIn("python3.13", members["Runtime"]["values"])


if __name__ == "__main__":
    unittest.main()
