"""Reading rendered templates: what they hold, before and after SAM's transform."""

from __future__ import annotations

import copy
from typing import Any

from infra.render.cloudformation import dump, load
from infra.render.stack import stack
from infra.render.systems import System

Template = dict[str, Any]


def rendered(system: System) -> Template:
    """The system's stack as CloudFormation reads it."""
    return load(dump(stack(system)))


def resources(template: Template, kind: str) -> dict[str, Any]:
    """Properties of the resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def functions(template: Template) -> dict[str, Any]:
    return resources(template, "AWS::Serverless::Function")


def routes(template: Template) -> dict[tuple[str, str], str]:
    """(method, path) → the logical id of the function the route invokes."""
    (api,) = (api for api in resources(template, "AWS::ApiGatewayV2::Api").values() if "Body" in api)
    found = {}
    for path, item in api["Body"]["paths"].items():
        for method, route in item.items():
            if method != "parameters":
                uri = route["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
                found[method.upper(), path] = uri.partition("/functions/${")[2].partition(".Arn}")[0]
    return found


def role_of(template: Template, function: str) -> str:
    """The logical id of a function's role."""
    return str(functions(template)[function]["Role"]["Fn::GetAtt"][0])


def statements(template: Template, role: str) -> list[Any]:
    """The policy statements of a role."""
    (policy,) = resources(template, "AWS::IAM::Role")[role]["Policies"]
    found: list[Any] = policy["PolicyDocument"]["Statement"]
    return found


def actions(template: Template, role: str) -> set[str]:
    """Every action a role allows."""
    listed = [statement["Action"] for statement in statements(template, role)]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


def translated(template: Template) -> Template:
    """What SAM's transform makes of a stack: the resources CloudFormation counts."""
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    given = copy.deepcopy(template)
    given["Globals"]["Function"]["CodeUri"] = "s3://bucket/code.zip"
    values = dict.fromkeys(given["Parameters"], "value")
    session = boto3.session.Session(region_name="us-east-1")
    found: Template = Translator({}, Parser(), boto_session=session).translate(given, values)
    return found
