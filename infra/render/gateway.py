"""A system's HTTP API: one OpenAPI 3.0 body whose routes name their functions, one role that invokes them."""

from __future__ import annotations

import json
import re
from typing import Any

from infra.render.cloudformation import Att, Ref, Resource, Sub
from infra.render.cors import cors
from infra.render.functions import FALLBACK, logical_id
from infra.render.permissions import gateway_role
from infra.render.systems import System

ACCESS_LOG = {
    "time": "$context.requestTime",
    "request_id": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "error": "$context.integrationErrorMessage",
}


def gateway(system: System) -> dict[str, Resource]:
    """The API, its stage, its access log, its role, and its place under the custom domain when there is one."""
    return {
        "GatewayRole": gateway_role(),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body(system)}},
        "AccessLog": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": Sub("/aws/vendedlogs/${Prefix}-access"),
                "RetentionInDays": Ref("LogRetention"),
            },
        },
        "ApiStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": Ref("Api"),
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": {"DestinationArn": Att("AccessLog.Arn"), "Format": json.dumps(ACCESS_LOG)},
                "DefaultRouteSettings": {
                    "ThrottlingBurstLimit": Ref("ThrottlingBurst"),
                    "ThrottlingRateLimit": Ref("ThrottlingRate"),
                },
            },
        },
        "ApiMapping": {
            "Type": "AWS::ApiGatewayV2::ApiMapping",
            "Condition": "HasDomain",
            "Properties": {
                "DomainName": Ref("DomainName"),
                "ApiId": Ref("Api"),
                "Stage": Ref("ApiStage"),
                "ApiMappingKey": system.name,
            },
        },
    }


def body(system: System) -> dict[str, Any]:
    """The OpenAPI 3.0 definition API Gateway imports. It knows routes and functions, no schemas: those are documented
    in the OpenAPI 3.1 file, which API Gateway could not read.

    OpenAPI holds paths that differ by a parameter's name alone for the same, so they share one entry under the
    spelling that comes first; the operations read their parameters by position then.
    """
    paths: dict[str, dict[str, Any]] = {}
    spelling: dict[str, str] = {}
    for operation in system.served:
        path = spelling.setdefault(re.sub(r"\{[^}]*\}", "{}", operation.path), operation.path)
        item = paths.setdefault(path, _path_item(path))
        assert operation.method is not None
        method = operation.method.lower()
        if method in item:
            raise ValueError(f"two operations answer {operation.method} {operation.path}")
        item[method] = _route(logical_id(operation))
    any_method = _route(FALLBACK) | {"isDefaultRoute": True}
    paths["/$default"] = {"x-amazon-apigateway-any-method": any_method}
    return {
        "openapi": "3.0.1",
        "info": {"title": Ref("Prefix"), "version": system.api.version},
        "paths": paths,
        "x-amazon-apigateway-cors": {"allowOrigins": Ref("CorsOrigins"), **cors(system.served)},
    }


def _path_item(path: str) -> dict[str, Any]:
    names = re.findall(r"\{([^}]*)\}", path)
    declared = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": declared} if declared else {}


def _route(function: str) -> dict[str, Any]:
    return {
        "responses": {"default": {"description": function}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "payloadFormatVersion": "2.0",
            "uri": Sub(
                "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                f"${{{function}.Arn}}/invocations"
            ),
            "credentials": Att("GatewayRole.Arn"),
        },
    }
