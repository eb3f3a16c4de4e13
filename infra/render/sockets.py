"""A system's WebSocket API, where it declares sockets: a route and an integration for each, a stage, who may enter."""

from __future__ import annotations

import json
from typing import Any

from infra.render.cloudformation import Att, Ref, Resource, Sub
from infra.render.permissions import SOCKETS_API
from infra.render.systems import System, camel
from quintet.api import Operation
from quintet.api.declaration import CONNECT, DISCONNECT

STAGE = "ws"
"""The stage's name, and so the end of its address, as on the laptop. A WebSocket API's stage cannot be `$default`."""
SETTING = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"
"""Tells the functions where connections are managed: the AWS SDKs' variable for that service."""
SELECTION = "$request.body.action"
"""Which property of a message names its route; what has none, or is no JSON, goes to `$default`."""

ACCESS_LOG = {
    "time": "$context.requestTime",
    "request_id": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "event": "$context.eventType",
    "connection_id": "$context.connectionId",
    "status": "$context.status",
    "function_ms": "$context.integrationLatency",
    "error": "$context.integrationErrorMessage",
}
"""What the access log says of an event. The handshake's query, which may carry a token, is not in it."""


def listening(system: System) -> list[Operation[Any, Any]]:
    """The operations with a socket, by route. Raises `ValueError` for a route declared twice, and for a system that
    leaves out `$connect` or `$disconnect`, without which nobody would be known and nothing forgotten."""
    found = sorted((o for o in system.operations if o.socket), key=lambda o: str(o.socket))
    routes = [str(operation.socket) for operation in found]
    if len(set(routes)) != len(routes):
        raise ValueError(f"{system.name} declares a socket's route twice: {routes}")
    if found and not {CONNECT, DISCONNECT} <= set(routes):
        raise ValueError(f"{system.name} has sockets, so it needs {CONNECT} and {DISCONNECT}")
    return found


def sockets(system: System) -> dict[str, Resource]:
    """The API with all that belongs to it; nothing for a system without sockets."""
    operations = listening(system)
    if not operations:
        return {}
    routes = {name: resource for o in operations for name, resource in _route(o).items()}
    api = {
        "Name": Sub("${Prefix}-sockets"),
        "ProtocolType": "WEBSOCKET",
        "RouteSelectionExpression": SELECTION,
    }
    return {
        SOCKETS_API: {"Type": "AWS::ApiGatewayV2::Api", "Properties": api},
        **routes,
        "SocketsStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            # A deployment needs the routes to be there.
            "DependsOn": sorted(routes),
            "Properties": {
                "ApiId": Ref(SOCKETS_API),
                "StageName": STAGE,
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": Att("AccessLog.Arn"), "Format": json.dumps(ACCESS_LOG)},
                "DefaultRouteSettings": {
                    "ThrottlingBurstLimit": Ref("ThrottlingBurst"),
                    "ThrottlingRateLimit": Ref("ThrottlingRate"),
                },
            },
        },
    }


def setting(system: System) -> dict[str, Any]:
    """The environment variable that a system with sockets has besides."""
    return {SETTING: _address("https")} if listening(system) else {}


def output(system: System) -> dict[str, Any]:
    """Where the WebSocket API is. A custom domain cannot carry it beside the HTTP API, so it keeps its own address."""
    if not listening(system):
        return {}
    return {"SocketsUrl": {"Description": "Where WebSockets are opened", "Value": _address("wss")}}


def _address(scheme: str) -> Sub:
    return Sub(f"{scheme}://${{{SOCKETS_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{STAGE}")


def _route(operation: Operation[Any, Any]) -> dict[str, Resource]:
    function, name = camel(operation.id), f"{camel(operation.id)}Socket"
    uri = Sub(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function}.Arn}}/invocations"
    )
    integration = {
        "ApiId": Ref(SOCKETS_API),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": uri,
        "CredentialsArn": Att("GatewayRole.Arn"),
    }
    # $connect's function authenticates; a route of a WebSocket API has an authorizer there or nowhere.
    route = {
        "ApiId": Ref(SOCKETS_API),
        "RouteKey": operation.socket,
        "AuthorizationType": "NONE",
        "Target": Sub(f"integrations/${{{name}Integration}}"),
    }
    found: dict[str, Resource] = {
        f"{name}Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        f"{name}Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": route},
    }
    if operation.answers:
        route["RouteResponseSelectionExpression"] = "$default"
        answer = {"ApiId": Ref(SOCKETS_API), "RouteId": Ref(f"{name}Route"), "RouteResponseKey": "$default"}
        found[f"{name}Answer"] = {"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": answer}
    return found
