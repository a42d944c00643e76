#!/usr/bin/env python3
"""Makes table.bin, the facts about the APIs of AWS's services, from the models that botocore installs.

    python -m venv /tmp/models && /tmp/models/bin/pip install botocore==1.44.5
    /tmp/models/bin/python src/service_model/generate.py

writes the table beside this file; `--check` compares instead and fails if it would be another one. The version of
botocore is pinned below, so that the table changes only when somebody means it to.

The file: `STEPWELL-SERVICES-3\\n`, then a line for each service in the order of its name (name, exception prefix, offset
of its block from the end of the index, compressed size, size), an empty line, and the blocks: raw deflate, each on its
own. What a block holds is written by `Block` below and read by `block.rs`; numbers are LEB128, texts are indexes into
the block's own list. Shapes that can't be told apart by anything that matters to a request or an answer are one shape;
documentation, names of shapes, patterns, and limits of what is only sent are left out. Where a service is at AWS is what
botocore's endpoint rules come to in every region, in as few rules as say the same: the partition or region that a rule is
for, the host with `{r}` for the region and `{s}` and `{d}` for the partition's two suffixes, and the region and the name in
signatures where these are not the usual ones.
"""

import argparse
import gzip
import json
import pathlib
import re
import sys
import zlib

BOTOCORE = "1.44.5"
MAGIC = b"STEPWELL-SERVICES-3\n"
TABLE = pathlib.Path(__file__).with_name("table.bin")

PROTOCOLS = {"json": 0, "smithy-rpc-v2-cbor": 1, "query": 2, "ec2": 3, "rest-json": 4, "rest-xml": 5}
KINDS = ["structure", "list", "map", "string", "boolean", "integer", "long", "float", "double", "timestamp", "blob",
         "document"]
LOCATIONS = {None: 0, "header": 1, "headers": 2, "querystring": 3, "uri": 4, "statusCode": 5}
TIMESTAMPS = {None: 0, "iso8601": 1, "unixTimestamp": 2, "rfc822": 3}
CHECKSUMS = {"none": 0, "optional": 1, "required": 2}

# The members that AWS's SDK for Java 2 calls otherwise than its rule for names says, by its services' customizations. Those of
# EC2 named `Return` follow the rule.
RENAMED = {
    ("cloudsearchdomain", "SearchRequest", "return"): "ReturnValues",
    ("dynamodb", "AttributeValue", "NULL"): "Nul",
    ("dynamodbstreams", "AttributeValue", "NULL"): "Nul",
    ("ec2", "FpgaImage", "Public"): "IsPublic",
    ("ec2", "Image", "Public"): "PublicLaunchPermissions",
}

# The operations that AWS's list of supported services (Step Functions Developer Guide, "Learning to use AWS service SDK
# integrations") calls unsupported, as of 2025. Those of Security Lake, which are there too, are no longer in its model.
REFUSED = {
    "applicationdiscovery": {"DescribeExportConfigurations", "ExportConfigurations"},
    "bedrockagentruntime": {"InvokeAgent", "InvokeFlow", "InvokeInlineAgent", "OptimizePrompt",
                            "RetrieveAndGenerateStream"},
    "bedrockruntime": {"ConverseStream", "InvokeModelWithResponseStream"},
    "cloudwatchlogs": {"StartLiveTail"},
    "codedeploy": {"BatchGetDeploymentInstances", "GetDeploymentInstance", "ListDeploymentInstances",
                   "SkipWaitTimeForInstanceTermination"},
    "comprehendmedical": {"DetectEntities"},
    "dataexchange": {"SendApiAsset"},
    "directconnect": {"AllocateConnectionOnInterconnect", "DescribeConnectionLoa", "DescribeConnectionsOnInterconnect",
                      "DescribeInterconnectLoa"},
    "efs": {"CreateTags"},
    "elastictranscoder": {"TestRole"},
    "emr": {"DescribeJobFlows"},
    "iot": {"AttachPrincipalPolicy", "DetachPrincipalPolicy", "ListPolicyPrincipals", "ListPrincipalPolicies"},
    "iotdeviceadvisor": {"ListTestCases"},
    "iotsitewise": {"InvokeAssistant"},
    "kinesis": {"SubscribeToShard"},
    "lambda": {"InvokeAsync", "InvokeWithResponseStream"},
    "lexruntimev2": {"StartConversation"},
    "mediapackage": {"RotateChannelCredentials"},
    "qbusiness": {"Chat"},
    "rdsdata": {"ExecuteSql"},
    "s3": {"SelectObjectContent"},
    "s3control": {"SelectObjectContent"},
    "sagemakerruntime": {"InvokeEndpointWithResponseStream"},
    "shield": {"DeleteSubscription"},
    "sts": {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"},
}

# Services that Step Functions doesn't have, although they were there when it took in others: they are neither in that list
# nor in the guide's "Service integrations release history", whose row of March 12, 2026 brought it up to date (that AWS
# refuses apigatewaymanagementapi was seen in public besides). The last two were taken out on June 3, 2026. Whatever is
# newer than that row is kept, because AWS adds services a few times a year.
LEFT_OUT = {"apigatewaymanagementapi", "artifact", "chatbot", "cloudsearchdomain", "evs", "globalaccelerator",
            "importexport", "iotdataplane", "machinelearning", "marketplaceagreement", "marketplacedeployment",
            "mediastoredata", "neptunedata", "notifications", "simpledb",
            "lexmodelbuilding", "lexruntime"}


# What AWS was recorded to say where the models are ahead of it.
LIMITS = {("lambda", "MemorySize"): {"max": 10240}}  # TestState, December 2025

# Errors that have a shape now, but are reported by the name of those without one: workflows that are public catch
# S3.S3Exception where access is denied.
UNNAMED_ERRORS = {"s3": {"AccessDenied"}}


# What a service wants in place of Signature Version 4.
OTHER_SIGNATURES = {"v2": "v2", "bearer": "bearer"}


def words(name):
    """The words of a name as AWS's SDK for Java 2 tells them apart, whose class names Step Functions reports."""
    name = re.sub(r"[^A-Za-z0-9]+", " ", name)
    name = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", name)
    name = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", name)
    name = " ".join(re.split(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", name))
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name)
    name = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", name)
    return name.split()


def pascal(name):
    return "".join(word.lower().capitalize() for word in words(name))


def class_name(service_id):
    """`DynamoDb` for `DynamoDB`, `Config` for `Config Service`."""
    name = re.sub(r"^(Amazon|AWS)(?=.)", "", service_id.strip()).strip()
    return pascal(re.sub(r"(?<=.)\s*[Ss]ervice$", "", name))


def exception(shape_name):
    """`NoSuchKeyException` for `NoSuchKey`, `DbInstanceNotFoundException` for `DBInstanceNotFoundFault`."""
    name = re.sub(r"(Fault|Exception)$", "", shape_name)
    return pascal(name) + "Exception"


def models():
    """The latest model of every service and the rules for its endpoints, by the directory's name."""
    import botocore

    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {botocore.__version__} is installed, the table is made from {BOTOCORE}")
    data = pathlib.Path(botocore.__file__).parent / "data"
    for directory in sorted(path for path in data.iterdir() if path.is_dir()):
        versions = sorted(directory.glob("*/service-2.json.gz"))
        if versions:
            model = json.loads(gzip.decompress(versions[-1].read_bytes()))
            extras = versions[-1].with_name("service-2.sdk-extras.json")
            if extras.exists():
                correct(model, json.loads(extras.read_text())["merge"])
            with gzip.open(sorted(directory.glob("*/endpoint-rule-set-1.json.gz"))[-1]) as rules:
                yield directory.name, model, json.load(rules)


def partitions():
    import botocore.loaders

    return botocore.loaders.Loader().load_data("partitions")


def correct(model, extras):
    """Applies what all SDKs know better than the models; members that only botocore has are none of the API's."""
    model["metadata"].update(extras.get("metadata", {}))
    for name, shape in extras.get("shapes", {}).items():
        if "members" not in shape:
            model["shapes"][name].update(shape)


class Places:
    """Where a service is at AWS."""

    def __init__(self, model, rules):
        import botocore.endpoint_provider

        self.metadata = model["metadata"]
        self.rules = rules
        self.partitions = partitions()
        self.provider = botocore.endpoint_provider.EndpointProvider(rules, self.partitions)
        self.known = {}

    def of(self, operation):
        """The rules for an operation: tuples of the partition or region (nothing for all), the host, and the region and
        the service's name in signatures. Empty if nothing but the parameters of a call says where it goes."""
        given = operation.get("staticContextParams", {})
        given = {name: value["value"] for name, value in given.items() if name in self.rules["parameters"]}
        key = json.dumps(given, sort_keys=True)
        if key not in self.known:
            self.known[key] = self.compact(self.resolved(given) or self.resolved({}))
        return self.known[key]

    def resolved(self, given):
        """Partition, host, and the region and name of signatures in each region."""
        from botocore.exceptions import BotoCoreError

        defaults = {name: parameter["default"] for name, parameter in self.rules["parameters"].items()
                    if "default" in parameter}
        places = {}
        for partition in self.partitions["partitions"]:
            for region in partition["regions"]:
                if "global" in region:
                    continue
                try:
                    endpoint = self.provider.resolve_endpoint(**defaults | given | {"Region": region})
                except BotoCoreError:
                    continue
                host = endpoint.url.removeprefix("https://")
                assert endpoint.url.startswith("https://") and "/" not in host, endpoint.url
                places[region] = (partition, host, *self.signing(endpoint, region))
        return places

    def signing(self, endpoint, region):
        other = OTHER_SIGNATURES.get(self.metadata.get("signatureVersion"))
        schemes = {scheme["name"]: scheme for scheme in endpoint.properties.get("authSchemes") or []}
        if other is not None:
            return other, ""
        scheme = schemes.get("sigv4", schemes.get("sigv4-s3express", {}))
        own = self.metadata.get("signingName", self.metadata["endpointPrefix"])
        name = scheme.get("signingName", own)
        assert scheme or not schemes or "sigv4a" in schemes, schemes
        region = scheme.get("signingRegion", region) if scheme or not schemes else "v4a"
        return region, "" if name == own else name

    def compact(self, places):
        """As few rules as say the same: one for all, others for partitions, others for regions."""
        rules = {region: self.candidates(region, *place) for region, place in places.items()}
        ids = {region: partition["id"] for region, (partition, *_) in places.items()}
        for_all = most_common(rules.values())
        found = [("", *for_all)] if for_all else []
        for partition in sorted(set(ids.values())):
            inside = [region for region in places if ids[region] == partition]
            best = most_common(rules[region] for region in inside)
            if sum(for_all in rules[region] for region in inside) < sum(best in rules[region] for region in inside):
                found.append((partition, *best))
            else:
                best = for_all
            found.extend((region, *min(rules[region])) for region in inside if best not in rules[region])
        return tuple(found)

    def candidates(self, region, partition, host, signing, name):
        """All rules that come to this in this region."""
        suffixes = [("{d}", partition["outputs"]["dualStackDnsSuffix"]), ("{s}", partition["outputs"]["dnsSuffix"])]
        hosts = {host}
        for placeholder, suffix in suffixes:
            if host.endswith("." + suffix):
                hosts.add(host.removesuffix(suffix) + placeholder)
        hosts |= {re.sub(rf"(?<![a-z0-9-]){re.escape(region)}(?![a-z0-9-])", "{r}", host) for host in hosts}
        signings = {signing, ""} if signing == region else {signing}
        return {(host, signing, name) for host in hosts for signing in signings}


def most_common(sets):
    """What is in most of them; of several the one that names the fewest things."""
    counts = {}
    for candidates in sets:
        for candidate in candidates:
            counts[candidate] = counts.get(candidate, 0) + 1
    return min(counts, key=lambda rule: (-counts[rule], -rule[0].count("{"), len(rule[1]), rule), default=None)


class Block:
    """One service."""

    def __init__(self, name, model, rules):
        self.name = name
        self.model = model
        self.places = Places(model, rules)
        self.places_in_order = {}
        self.shapes = model["shapes"]
        for (service, shape), limits in LIMITS.items():
            if service == name:
                self.shapes[shape].update(limits)
        self.texts = {}
        self.out = bytearray()

    # -- which shapes there are -------------------------------------------------------------------------------------

    def targets(self, shape):
        members = shape.get("members", {}).values()
        return [ref["shape"] for ref in [*members, *(shape[key] for key in ("member", "key", "value") if key in shape)]]

    def reachable(self, roots):
        found, todo = set(), list(roots)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.targets(self.shapes[name]))
        return found

    def kind(self, shape):
        return "document" if shape.get("document") else shape["type"]

    def traits(self, name):
        """All that matters of a shape but what it is made of: two lists of integers and texts."""
        shape = self.shapes[name]
        kind = self.kind(shape)
        received = name in self.received
        if kind == "structure":
            required = set(shape.get("required", []))
            payload = shape.get("payload")
            members = [self.member(key, ref, key in required, key == payload, RENAMED.get((self.name, name, key)))
                       for key, ref in shape["members"].items()]
            return (kind, bool(shape.get("union")), bool(shape.get("eventstream")), tuple(members))
        bounds = (shape.get("min"), shape.get("max")) if received else (None, None)
        bounds = tuple(None if bound is None else float(bound) for bound in bounds)
        if kind == "list":
            member = shape["member"]
            return (kind, bool(shape.get("flattened")), member.get("locationName"), bounds)
        if kind == "map":
            key, value = shape["key"].get("locationName"), shape["value"].get("locationName")
            return (kind, bool(shape.get("flattened")), key, value, bounds)
        if kind == "string":
            return (kind, tuple(shape.get("enum", [])) if received else (), bounds)
        if kind == "timestamp":
            return (kind, TIMESTAMPS[shape.get("timestampFormat")], bounds)
        return (kind, bounds)

    def member(self, name, ref, required, payload, renamed):
        shape = self.shapes[ref["shape"]]
        location_name = ref.get("locationName")
        if location_name is None:
            location_name = shape.get("locationName")
        if location_name is None and payload and shape["type"] == "structure" and self.is_xml:
            location_name = ref["shape"]
        namespace = ref.get("xmlNamespace", shape.get("xmlNamespace"))
        namespace = namespace["uri"] if isinstance(namespace, dict) else namespace
        prefix = (ref.get("xmlNamespace") or shape.get("xmlNamespace") or {}).get("prefix")
        streaming = bool(ref.get("streaming") or shape.get("streaming"))
        flags = sum(bit << place for place, bit in enumerate([
            required,
            payload,
            bool(ref.get("idempotencyToken")),
            bool(ref.get("jsonvalue")),
            bool(ref.get("flattened")),
            bool(ref.get("xmlAttribute")),
            streaming,
            bool(ref.get("hostLabel")),
        ]))
        return (name, LOCATIONS[ref.get("location")], flags, location_name, namespace, prefix, ref.get("queryName"),
                renamed)

    def classes(self, names):
        """Shapes by what they are: those of one class have equal traits and are made of equal classes."""
        traits = {}
        of = {name: traits.setdefault(self.traits(name), len(traits)) for name in names}
        count = len(traits)
        while True:
            seen = {}
            refined = {}
            for name in names:
                key = (of[name], *(of[target] for target in self.targets(self.shapes[name])))
                refined[name] = seen.setdefault(key, len(seen))
            if len(seen) == count:
                return refined
            of, count = refined, len(seen)

    # -- writing ------------------------------------------------------------------------------------------------------

    def number(self, number):
        while number >= 0x80:
            self.out.append(number & 0x7F | 0x80)
            number >>= 7
        self.out.append(number)

    def text(self, text):
        """0 for nothing, else one more than the text's place in the list."""
        self.number(0 if text is None else 1 + self.texts.setdefault(text, len(self.texts)))

    def bounds(self, bounds):
        """Limits as texts, since some don't fit into 64 bits."""
        for bound in bounds:
            self.text(None if bound is None else repr(int(bound)) if bound == int(bound) else repr(bound))

    def shape(self, name, of):
        shape = self.shapes[name]
        kind, *traits = self.traits(name)
        self.number(KINDS.index(kind))
        if kind == "structure":
            union, eventstream, members = traits
            self.number(int(union) | int(eventstream) << 1)
            self.number(len(members))
            for (name, location, flags, location_name, *extras), ref in zip(
                    members, shape["members"].values()):
                has_extras = any(text is not None for text in extras)
                self.text(name)
                self.number(of[ref["shape"]])
                self.number(location | (location_name is not None) << 3 | has_extras << 4 | flags << 5)
                if location_name is not None:
                    self.text(location_name)
                if has_extras:
                    for text in extras:
                        self.text(text)
        elif kind == "list":
            flattened, location_name, bounds = traits
            self.number(int(flattened))
            self.number(of[shape["member"]["shape"]])
            self.text(location_name)
            self.bounds(bounds)
        elif kind == "map":
            flattened, key, value, bounds = traits
            self.number(int(flattened))
            self.number(of[shape["key"]["shape"]])
            self.number(of[shape["value"]["shape"]])
            self.text(key)
            self.text(value)
            self.bounds(bounds)
        elif kind == "string":
            values, bounds = traits
            self.number(len(values))
            for value in values:
                self.text(value)
            self.bounds(bounds)
        elif kind == "timestamp":
            self.number(traits[0])
            self.bounds(traits[1])
        else:
            self.bounds(traits[0])

    def operation(self, operation, of):
        http = operation["http"]
        given, returned = operation.get("input", {}), operation.get("output", {})
        checksum = operation.get("httpChecksum", {})
        if operation.get("httpChecksumRequired") or checksum.get("requestChecksumRequired"):
            kind = "required"
        elif "requestAlgorithmMember" in checksum:
            kind = "optional"
        else:
            kind = "none"
        refused = operation["name"] in REFUSED.get(self.name, ())
        streams = any(self.shapes[ref["shape"]].get("eventstream")
                      for side in (given, returned) if side
                      for ref in self.shapes[side["shape"]].get("members", {}).values())
        algorithm = checksum.get("requestAlgorithmMember")
        algorithm_header = None
        if algorithm is not None:
            algorithm_header = self.shapes[given["shape"]]["members"][algorithm].get("locationName")
        namespace = given.get("xmlNamespace")
        # CloudFront's operations carry the version of its API, which Step Functions' actions don't.
        self.text(re.sub(r"\d{4}_\d{2}_\d{2}$", "", operation["name"]))
        self.text(http["method"])
        self.text(http["requestUri"])
        for side in (given, returned):
            self.number(1 + of[side["shape"]] if side else 0)
        unsigned = "smithy.api#noAuth" in operation.get("auth", ())
        self.number(int(refused) | int(streams) << 1 | CHECKSUMS[kind] << 2 | int(unsigned) << 4)
        self.text(given.get("locationName"))
        self.text(namespace["uri"] if isinstance(namespace, dict) else namespace)
        self.text(returned.get("resultWrapper"))
        self.text(operation.get("endpoint", {}).get("hostPrefix"))
        self.text(algorithm_header)
        places = self.places.of(operation)
        self.number(self.places_in_order.setdefault(places, len(self.places_in_order)))

    def bytes(self):
        metadata = self.model["metadata"]
        operations = sorted(self.model["operations"].values(), key=lambda operation: operation["name"].encode())
        protocols = metadata.get("protocols", [metadata["protocol"]])
        self.is_xml = "rest-xml" in protocols
        self.received = self.reachable(o["output"]["shape"] for o in operations if "output" in o)
        sent = self.reachable(o["input"]["shape"] for o in operations if "input" in o)
        names = [name for name in self.shapes if name in sent or name in self.received]
        classes = self.classes(names)
        representatives = {}
        for name in names:
            representatives.setdefault(classes[name], name)
        # In the order in which they are met, so that what belongs together is close together.
        places = {number: place for place, number in enumerate(representatives)}
        of = {name: places[classes[name]] for name in names}

        namespace = metadata.get("xmlNamespace")
        for text in (metadata["serviceId"], metadata["endpointPrefix"],
                     metadata.get("signingName", metadata["endpointPrefix"]), metadata["apiVersion"],
                     metadata.get("targetPrefix"), metadata.get("jsonVersion"),
                     namespace["uri"] if isinstance(namespace, dict) else namespace):
            self.text(text)
        self.number(len(protocols))
        for protocol in protocols:
            self.number(PROTOCOLS[protocol])
        self.number(int("awsQueryCompatible" in metadata))
        self.number(len(representatives))
        for name in representatives.values():
            self.shape(name, of)
        self.number(len(operations))
        for operation in operations:
            self.operation(operation, of)
        # JSON and CBOR call errors by their shapes, XML by their codes; few services have one of each for two errors.
        by_shape, by_code = {}, {}
        for name, shape in self.shapes.items():
            if (shape.get("exception") or shape.get("error")) and name not in UNNAMED_ERRORS.get(self.name, ()):
                by_shape[name] = exception(name)
                by_code.setdefault(shape.get("error", {}).get("code", name), exception(name))
        has_codes = set(protocols) <= {"query", "ec2", "rest-xml"}
        errors = by_shape | by_code if has_codes else by_code | by_shape
        self.number(len(errors))
        for code, name in sorted(errors.items()):
            self.text(code)
            self.text(None if code == name else name)
        self.number(len(self.places_in_order))
        for places in self.places_in_order:
            self.number(len(places))
            for place in places:
                for text in place:
                    self.text(text or None)

        body, self.out = self.out, bytearray()
        texts = [text.encode() for text in self.texts]
        self.number(len(texts))
        for text in texts:
            self.number(len(text))
        return bytes(self.out) + b"".join(texts) + bytes(body)


def deflate(data):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return compressor.compress(data) + compressor.flush()


def table():
    services = {}
    for directory, model, rules in models():
        prefix = class_name(model["metadata"]["serviceId"])
        name = prefix.lower()
        if name in LEFT_OUT:
            continue
        service = (prefix, Block(name, model, rules).bytes())
        # botocore has one service under two names: sms-voice and pinpoint-sms-voice.
        if services.setdefault(name, service) != service:
            print(f"two services are called {name}: {directory} is left out", file=sys.stderr)
    index, blocks, offset = [], [], 0
    for name, (prefix, data) in sorted(services.items()):
        compressed = deflate(data)
        index.append(f"{name} {prefix} {offset} {len(compressed)} {len(data)}\n")
        blocks.append(compressed)
        offset += len(compressed)
    return MAGIC + "".join(index).encode() + b"\n" + b"".join(blocks)


def unpacked(made):
    """The blocks of a table with their services' names and prefixes: how well they are packed is zlib's business."""
    index, blocks = made.removeprefix(MAGIC).split(b"\n\n", 1)
    services = {}
    for line in index.decode().splitlines():
        name, prefix, offset, length, size = line.split(" ")
        block = zlib.decompress(blocks[int(offset):int(offset) + int(length)], -15)
        assert len(block) == int(size), name
        services[name] = (prefix, block)
    return services


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="compare with the table that is there")
    made = table()
    if not arguments.parse_args().check:
        TABLE.write_bytes(made)
        print(f"{TABLE}: {len(made):,} bytes")
    elif unpacked(made) != unpacked(TABLE.read_bytes()):
        sys.exit(f"{TABLE} is not what this script makes of botocore {BOTOCORE}")


if __name__ == "__main__":
    main()
