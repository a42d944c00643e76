"""The functions of the example in ../compose.yml."""


def hello(event, context):
    return {"greeting": "Hello, " + event.get("name", "world")}


def double(event, context):
    return 2 * event["number"]
