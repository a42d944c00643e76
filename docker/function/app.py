"""The function of the example in ../compose.yml."""


def handler(event, context):
    return {"greeting": "Hello, " + event.get("name", "world")}
