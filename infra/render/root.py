"""The root stack, `template.yaml`: parameters, layers, secrets, uploads, alarms, a stack per system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.render.alarms import account_throttles
from infra.render.cloudformation import Att, If, Join, Ref, Resource, Sub
from infra.render.exceptions import metadata, of_root
from infra.render.sockets import listening
from infra.render.systems import ROOT, System, camel, parameter_of

RUNTIMES = ["python3.11", "python3.12", "python3.13", "python3.14"]
RETENTIONS = [1, 3, 7, 14, 30, 60, 90, 180, 365, 731]
"""Days; some of those CloudWatch Logs takes (PutRetentionPolicy)."""

NO_CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/none"
"""Stands where there is no custom domain; linters and the console take nothing but an ARN."""

GATEWAY_LOGS = "GatewayLogs"
"""The logical id of the region's setting that lets API Gateway write logs."""

_FORWARDED = (
    "Stage", "PythonRuntime", "Architecture", "EmailSender", "SmsSender", "LanguageModel", "LogRetention",
    "ThrottlingBurst", "ThrottlingRate", "DeletionProtection",
)  # fmt: skip


def root(systems: list[System]) -> dict[str, Any]:
    """The template that `sam build` and `sam deploy` take."""
    layers = ["common", *sorted({layer for system in systems for layer in system.layers})]
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "Quintet: REST backends on AWS Lambda, API Gateway and DynamoDB",
        "Metadata": {**_console(systems), **metadata(of_root())},
        "Parameters": _parameters(systems),
        "Conditions": {
            "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [Ref("AlarmEmail"), ""]}]},
            "HasDomain": {"Fn::Not": [{"Fn::Equals": [Ref("DomainName"), ""]}]},
        },
        "Resources": {
            **{f"{camel(name)}Layer": _layer(name) for name in layers},
            **_alarm_topic(),
            **_bucket(),
            "Domain": _domain(),
            **_gateway_logs(systems),
            **{f"{system.title}Secret": _secret(system) for system in systems},
            **{system.title: _nested(system) for system in systems},
        },
        "Outputs": _outputs(systems),
    }


def _parameters(systems: list[System]) -> dict[str, dict[str, Any]]:
    def text(about: str, default: str | None = "", **more: Any) -> dict[str, Any]:
        return {"Type": "String", "Description": about, **({} if default is None else {"Default": default}), **more}

    def number(about: str, default: int, **more: Any) -> dict[str, Any]:
        return {"Type": "Number", "Description": about, "Default": default, **more}

    house = {
        "Stage": text("dev is for trying out: demo accounts may exist", "dev", AllowedPattern="[a-z][a-z0-9]{0,9}"),
        "EmailSender": text("Bare address e-mail is sent from, verified in SES; empty sends none"),
        "SmsSender": text("Sender id or number text messages are sent from; empty sends none"),
        "LanguageModel": text("Bedrock model or inference profile; empty uses none"),
        "CorsOrigins": {
            "Type": "CommaDelimitedList",
            "Description": "Origins of the web pages that may call the APIs",
            "Default": "*",
        },
        "AlarmEmail": text("Who is told of alarms; empty tells nobody by e-mail"),
        "DomainName": text("Custom domain; each system is found under its name there"),
        "CertificateArn": text("Certificate for the custom domain, of the same region", NO_CERTIFICATE),
        "LogRetention": number("Days that logs are kept", 30, AllowedValues=RETENTIONS),
        "ThrottlingRate": number("Requests a second each API takes", 500, MinValue=1),
        "ThrottlingBurst": number("Requests at once each API takes", 1000, MinValue=1),
        "DeletionProtection": text("Whether tables refuse to be deleted", "true", AllowedValues=["true", "false"]),
        "PythonRuntime": text("Lambda runtime of all functions", "python3.13", AllowedValues=RUNTIMES),
        "Architecture": text("Processor of all functions", "arm64", AllowedValues=["arm64", "x86_64"]),
    }
    own = {
        system.title + parameter_of(name): text(f"{name} of {system.api.title}; empty when not used")
        for system in systems
        for name in system.settings
    }
    return {**house, **own}


def _console(systems: list[System]) -> dict[str, Any]:
    """How the CloudFormation console groups the parameters."""
    groups = [
        ("Deployment", ["Stage", "PythonRuntime", "Architecture", "LogRetention", "DeletionProtection"]),
        ("Outside services", ["EmailSender", "SmsSender", "LanguageModel", "AlarmEmail"]),
        ("API", ["CorsOrigins", "ThrottlingRate", "ThrottlingBurst", "DomainName", "CertificateArn"]),
        *((s.api.title, [s.title + parameter_of(name) for name in s.settings]) for s in systems if s.settings),
    ]
    listed = [{"Label": {"default": label}, "Parameters": names} for label, names in groups]
    return {"AWS::CloudFormation::Interface": {"ParameterGroups": listed}}


def layer_source(name: str, root: Path = ROOT) -> str:
    """The folder a layer is built from; what is in it ends up on the functions' import path."""
    folder = f"layers/{name}"
    return f"{folder}/python" if (root / folder / "python").is_dir() else folder


def _layer(name: str) -> Resource:
    return {
        "Type": "AWS::Serverless::LayerVersion",
        "Metadata": {"BuildMethod": Ref("PythonRuntime"), "BuildArchitecture": Ref("Architecture")},
        "Properties": {
            "LayerName": Sub(f"quintet-${{Stage}}-{name}"),
            "ContentUri": layer_source(name),
            "CompatibleRuntimes": [Ref("PythonRuntime")],
            "CompatibleArchitectures": [Ref("Architecture")],
            "RetentionPolicy": "Delete",
        },
    }


def _alarm_topic() -> dict[str, Resource]:
    subscription = {"TopicArn": Ref("AlarmTopic"), "Protocol": "email", "Endpoint": Ref("AlarmEmail")}
    return {
        "AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": Sub("Quintet ${Stage}")}},
        "AlarmSubscription": {
            "Type": "AWS::SNS::Subscription",
            "Condition": "HasAlarmEmail",
            "Properties": subscription,
        },
        "ThrottlesAlarm": account_throttles(),
    }


def _bucket() -> dict[str, Resource]:
    private = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
    bucket = {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "PublicAccessBlockConfiguration": dict.fromkeys(private, True),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "incomplete-uploads",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
            "CorsConfiguration": {
                "CorsRules": [
                    {
                        "AllowedMethods": ["GET", "HEAD", "POST"],
                        "AllowedOrigins": Ref("CorsOrigins"),
                        "AllowedHeaders": ["*"],
                        "ExposedHeaders": ["ETag"],
                        "MaxAge": 3600,
                    }
                ]
            },
        },
    }
    refused = {
        "Sid": "EncryptedTransportOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [Att("Uploads.Arn"), Sub("${Uploads.Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Bucket": Ref("Uploads"), "PolicyDocument": {"Version": "2012-10-17", "Statement": [refused]}}
    return {"Uploads": bucket, "UploadsPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}}


def _domain() -> Resource:
    return {
        "Type": "AWS::ApiGatewayV2::DomainName",
        "Condition": "HasDomain",
        "Properties": {
            "DomainName": Ref("DomainName"),
            "DomainNameConfigurations": [
                {"CertificateArn": Ref("CertificateArn"), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
            ],
        },
    }


def _gateway_logs(systems: list[System]) -> dict[str, Resource]:
    """What API Gateway needs once in an account and region before a WebSocket API may write its access log. The
    setting is the region's, so it outlives the stack with its role."""
    if not any(listening(system) for system in systems):
        return {}
    policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {
        "GatewayLogsRole": {
            "Type": "AWS::IAM::Role",
            **kept,
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "ManagedPolicyArns": [Sub(policy)],
            },
        },
        GATEWAY_LOGS: {
            "Type": "AWS::ApiGateway::Account",
            **kept,
            "Properties": {"CloudWatchRoleArn": Att("GatewayLogsRole.Arn")},
        },
    }


def _secret(system: System) -> Resource:
    """The system's secret. CloudFormation makes up one text; the keys are derived from it (`quintet.keys.keyring`)."""
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Description": Sub(f"Quintet ${{Stage}}: {system.api.title}"),
            "GenerateSecretString": {
                "SecretStringTemplate": "{}",
                "GenerateStringKey": "master",
                "PasswordLength": 64,
                "ExcludePunctuation": True,
            },
        },
    }


def _nested(system: System) -> Resource:
    given: dict[str, Any] = {
        "Prefix": Sub(f"quintet-${{Stage}}-{system.dashed}"),
        **{name: Ref(name) for name in _FORWARDED},
        "CommonLayer": Ref("CommonLayer"),
        **{f"{camel(layer)}Layer": Ref(f"{camel(layer)}Layer") for layer in system.layers},
        "SecretArn": Att(f"{system.title}Secret.Id"),
        "BucketName": Ref("Uploads"),
        "CorsOrigins": Join("CorsOrigins"),
        "AlarmTopicArn": Ref("AlarmTopic"),
        # The domain's resource, not its parameter: mappings are made when it exists.
        "DomainName": If(("HasDomain", Ref("Domain"), "")),
        **{parameter_of(name): Ref(system.title + parameter_of(name)) for name in system.settings},
    }
    return {
        "Type": "AWS::Serverless::Application",
        **({"DependsOn": GATEWAY_LOGS} if listening(system) else {}),
        "Properties": {"Location": f"infra/{system.name}.yaml", "Parameters": given},
    }


def _outputs(systems: list[System]) -> dict[str, Any]:
    urls = {
        f"{system.title}Url": {
            "Description": f"{system.api.title}: where its documented paths start",
            "Value": Att(f"{system.title}.Outputs.Url"),
        }
        for system in systems
    }
    sockets = {
        f"{system.title}SocketsUrl": {
            "Description": f"{system.api.title}: where WebSockets are opened",
            "Value": Att(f"{system.title}.Outputs.SocketsUrl"),
        }
        for system in systems
        if listening(system)
    }
    secrets = {
        f"{system.title}SecretArn": {
            "Description": f"{system.api.title}: the secret to put providers' secrets into",
            "Value": Att(f"{system.title}Secret.Id"),
        }
        for system in systems
    }
    domain = {
        "DomainTarget": {
            "Condition": "HasDomain",
            "Description": "What the custom domain's DNS record points to",
            "Value": Att("Domain.RegionalDomainName"),
        }
    }
    return {**urls, **sockets, **secrets, **domain}
