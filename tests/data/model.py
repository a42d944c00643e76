"""Derives model.json from the service model that botocore brings.

    python3 model.py > model.json     writes it anew
    python3 model.py --check          fails if the installed botocore says something else
"""

import gzip
import json
import pathlib
import sys

import botocore

MODEL = pathlib.Path(botocore.__path__[0]) / "data/stepfunctions/2016-11-23/service-2.json.gz"
TABLE = pathlib.Path(__file__).with_name("model.json")


def derive():
    with gzip.open(MODEL) as file:
        model = json.load(file)
    shapes = model["shapes"]

    def constraints(name):
        shape = shapes[name]
        table = {"type": shape["type"]}
        for key in ("min", "max", "pattern", "enum", "sensitive"):
            if key in shape:
                table[key] = sorted(shape[key]) if key == "enum" else shape[key]
        if shape["type"] == "list":
            table["member"] = constraints(shape["member"]["shape"])
        if shape["type"] == "structure":
            table["members"] = members(name)
        return table

    def members(name):
        shape = shapes[name]
        table = {}
        for member, target in shape["members"].items():
            table[member] = constraints(target["shape"])
            if member in shape.get("required", []):
                table[member]["required"] = True
        return table

    return {
        operation: {
            "input": members(details["input"]["shape"]),
            "output": sorted(shapes[details["output"]["shape"]]["members"]),
            "errors": sorted(error["shape"] for error in details["errors"]),
        }
        for operation, details in sorted(model["operations"].items())
    }


if __name__ == "__main__":
    derived = json.dumps(derive(), indent=1, sort_keys=True) + "\n"
    if sys.argv[1:] == ["--check"]:
        sys.exit(None if TABLE.read_text() == derived else f"{TABLE} is not what {MODEL} says")
    sys.stdout.write(derived)
