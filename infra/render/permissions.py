"""What each capability allows, and one role per distinct set of them, least privilege.

A role that may write the table may read it too. No role may scan the table, or touch another system's secret, table,
bucket prefix or log group.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from infra.render.cloudformation import Att, Ref, Resource, Sub
from infra.render.systems import camel

Statement = dict[str, Any]

READ = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query"]
WRITE = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]

KEY = "Key"
"""The logical id of the key that personal identifiers are encrypted under."""
TABLE_KEY = "TableKey"
"""The logical id of the key that the table is encrypted under, where it has one of its own."""
DECRYPT = ["kms:Decrypt", "kms:DescribeKey"]
ENCRYPT = ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
"""What DynamoDB does with that key on behalf of a role that reads or writes the table."""
SEALED = "vault:"
"""Prefix of the capabilities on that key: `vault:seal` and `vault:open`."""

DEAD_LETTERS = "dead-letters"
"""The capability of a function whose failed invocations, or changes of the table it gave up, go to the dead-letter
queue."""
FORWARDS = "functions"
"""The capability of the fallback, which hands requests on to the system's functions."""
SENDS, CONSUMES = "queue:", "consumes:"
"""Prefixes of capabilities that name a queue: `queue:thumbnails` may send to it and ask how it is,
`consumes:thumbnails` reads it."""
STREAM = "table:stream"
"""The capability of a function that is told the table's changes."""
SOCKETS_API = "SocketsApi"
"""The logical id of the system's WebSocket API."""


def implied(capabilities: Iterable[str]) -> frozenset[str]:
    """A set without what its other members bring along."""
    found = frozenset(capabilities)
    for wider, narrower in (("table:write", "table:read"),):
        if wider in found:
            found -= {narrower}
    return found


def role_id(capabilities: frozenset[str]) -> str:
    """The logical id of the role for a set of capabilities: `SecretTableWriteRole`."""
    return "".join(camel(name) for name in sorted(capabilities)) + "Role" if capabilities else "LogsOnlyRole"


def role(capabilities: frozenset[str], system: str, *, own_key: bool = False) -> Resource:
    """The role of the functions with exactly these capabilities. `own_key` says whether the table has its own key."""
    statements = [_logs(), *(s for name in sorted(capabilities) for s in statements_of(name, system))]
    if own_key and not capabilities.isdisjoint({"table:read", "table:write", STREAM}):
        statements.append(_through_dynamodb(DECRYPT + (ENCRYPT if "table:write" in capabilities else [])))
    return _role("lambda.amazonaws.com", statements)


def gateway_role() -> Resource:
    """The role API Gateway takes on to invoke the system's functions."""
    return _role("apigateway.amazonaws.com", [_invoke([_named_functions()])], same_account=False)


def scheduler_role(functions: list[str]) -> Resource:
    """The role EventBridge Scheduler takes on: the scheduled functions and the dead-letter queue, nothing else."""
    arns = [Att(f"{name}.Arn") for name in functions]
    return _role("scheduler.amazonaws.com", [_invoke(arns), *statements_of(DEAD_LETTERS, "")], same_account=True)


def statements_of(capability: str, system: str) -> list[Statement]:
    """The policy statements of one capability. Raises `ValueError` for one that is not known."""
    if capability.startswith(SENDS):
        sends = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        return [_allow(sends, Att(f"{queue_id(capability.removeprefix(SENDS))}.Arn"))]
    if capability.startswith(CONSUMES):
        reads = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        return [_allow(reads, Att(f"{queue_id(capability.removeprefix(CONSUMES))}.Arn"))]
    table = [Att("Table.Arn"), Sub("${Table.Arn}/index/*")]
    objects = Sub(f"arn:${{AWS::Partition}}:s3:::${{BucketName}}/{system}/*")
    known: dict[str, list[Statement]] = {
        "table:read": [_allow(READ, table)],
        "table:write": [_allow(READ, table), _allow(WRITE, Att("Table.Arn"))],
        "secret": [_allow("secretsmanager:GetSecretValue", Ref("SecretArn"))],
        "email": [_email()],
        "sms": [_sms()],
        "whatsapp": [_whatsapp()],
        f"{SEALED}seal": [_sealed("kms:GenerateDataKey", system)],
        f"{SEALED}open": [_sealed("kms:Decrypt", system)],
        "storage:read": [_allow("s3:GetObject", objects), _list(system)],
        "storage:write": [_allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], objects)],
        "model": [_allow("bedrock:InvokeModel", _models())],
        # Neither knows a resource. Translate asks Comprehend for the language when the source is `auto`.
        "translate": [_allow(["comprehend:DetectDominantLanguage", "translate:TranslateText"], "*")],
        "metrics": [_allow(["cloudwatch:GetMetricData"], "*")],  # it knows no resource either
        "devices": [_allow(["iot:GetThingShadow", "iot:UpdateThingShadow"], _things())],
        STREAM: _stream(),
        "sockets": [_allow("execute-api:ManageConnections", _connections())],
        FORWARDS: [_invoke([_named_functions()])],
        DEAD_LETTERS: [_allow("sqs:SendMessage", Att("DeadLetters.Arn"))],
    }
    if capability not in known:
        raise ValueError(f"no permissions are known for the capability {capability!r}")
    return known[capability]


def queue_id(name: str) -> str:
    """The logical id of a queue."""
    return f"{camel(name)}Queue"


def _logs() -> Statement:
    return _allow(["logs:CreateLogStream", "logs:PutLogEvents"], Att("Logs.Arn"))


def _email() -> Statement:
    identities = Sub("arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*")
    only = {"StringEquals": {"ses:FromAddress": Ref("EmailSender")}}
    return _allow("ses:SendEmail", identities) | {"Condition": only}


def _sms() -> Statement:
    # A text message to a number has no resource; everything but topics is what is left for it.
    return {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "NotResource": Sub("arn:${AWS::Partition}:sns:*:*:*"),
    }


def _whatsapp() -> Statement:
    # A number's id carries a prefix that its ARN does not, and it may be unset: the account's numbers are named.
    numbers = Sub("arn:${AWS::Partition}:social-messaging:${AWS::Region}:${AWS::AccountId}:phone-number-id/*")
    actions = ["SendWhatsAppMessage", "GetLinkedWhatsAppBusinessAccountPhoneNumber"]
    return _allow([f"social-messaging:{name}" for name in actions], numbers)


def _sealed(action: str, system: str) -> Statement:
    only = {"StringEquals": {"kms:EncryptionContext:system": system}}
    return _allow(action, Att(f"{KEY}.Arn")) | {"Condition": only}


def via_dynamodb() -> dict[str, Any]:
    """The condition that holds for what DynamoDB of this region does on behalf of the account's own principals."""
    service = Sub("dynamodb.${AWS::Region}.amazonaws.com")
    return {"StringEquals": {"kms:CallerAccount": Ref("AWS::AccountId"), "kms:ViaService": service}}


def _through_dynamodb(actions: list[str]) -> Statement:
    return _allow(actions, Att(f"{TABLE_KEY}.Arn")) | {"Condition": via_dynamodb()}


def _list(system: str) -> Statement:
    # Without it S3 answers 403, not 404, for a file that does not exist. HeadObject carries no prefix.
    only = {"StringLikeIfExists": {"s3:prefix": f"{system}/*"}}
    return _allow("s3:ListBucket", Sub("arn:${AWS::Partition}:s3:::${BucketName}")) | {"Condition": only}


def _models() -> list[Any]:
    return [
        Sub("arn:${AWS::Partition}:bedrock:*::foundation-model/*"),
        *(
            Sub(f"arn:${{AWS::Partition}}:bedrock:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*")
            for kind in ("application-inference-profile", "inference-profile")
        ),
    ]


def _things() -> Sub:
    return Sub("arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/${Prefix}-*")


def _stream() -> list[Statement]:
    # Streams are listed for the account; nothing narrower is known to IAM.
    reads = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    return [_allow(reads, Att("Table.StreamArn")), _allow(["dynamodb:ListStreams"], "*")]


def _connections() -> Sub:
    own = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{SOCKETS_API}}}"
    return Sub(f"{own}/*/*/@connections/*")


def _named_functions() -> Sub:
    return Sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Prefix}-*")


def _invoke(functions: list[Any]) -> Statement:
    return _allow("lambda:InvokeFunction", functions)


def _allow(actions: str | list[str], resources: Any) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _role(service: str, statements: list[Statement], *, same_account: bool = False) -> Resource:
    trust: Statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if same_account:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {"PolicyName": "access", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            ],
        },
    }
