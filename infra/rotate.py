"""Rotates the key a deployed system signs tokens with: `python -m infra.rotate ARN [--finish] [--region REGION]`.

The first run makes a new key that signs and keeps the one before, which goes on verifying: nobody is signed out. The
second, with `--finish` and not before the last access token of the old key has run out, drops the old one.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from quintet.keys.keyring import SystemSecret

LENGTH = 64
"""Characters of a master secret, as many as the template has CloudFormation make."""


def begun(held: Mapping[str, Any], fresh: str) -> dict[str, Any]:
    """The secret with `fresh` signing and the old key verifying. Raises ValueError while a rotation is under way."""
    if not held.get("master"):
        raise ValueError("this secret has no master key; rotate its jwt_keys and jwt_current by hand")
    if held.get("master_previous"):
        raise ValueError("a rotation is under way; end it with --finish first")
    # What was signed for good stays verifiable, and cursors and one-time codes pass between functions that have noticed
    # the rotation and those that have not: from now on their keys are written down instead of derived.
    before = SystemSecret.parse(json.dumps(held))
    pinned = {"audit_key": before.audit_key.decode(), "cursor_key": before.cursor_key.decode()}
    return {**held, "master": fresh, "master_previous": held["master"], **pinned}


def finished(held: Mapping[str, Any]) -> dict[str, Any]:
    """The secret without the old key. Raises ValueError when no rotation is under way."""
    if not held.get("master_previous"):
        raise ValueError("no rotation is under way")
    return {name: value for name, value in held.items() if name != "master_previous"}


def rotate(manager: Any, secret: str, *, finish: bool) -> None:
    """Do one half of the rotation in Secrets Manager; everything else in the secret stays."""
    held = json.loads(manager.get_secret_value(SecretId=secret)["SecretString"])
    changed = finished(held) if finish else begun(held, secrets.token_hex(LENGTH // 2))
    manager.put_secret_value(SecretId=secret, SecretString=json.dumps(changed))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="infra.rotate", description=__doc__)
    parser.add_argument("secret", help="ARN or name: the stack's output <System>SecretArn")
    parser.add_argument("--finish", action="store_true", help="drop the old key")
    parser.add_argument("--region", default="us-east-1")
    given = parser.parse_args(arguments)
    from botocore.session import get_session

    try:
        rotate(get_session().create_client("secretsmanager", given.region), given.secret, finish=given.finish)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    print(
        "The old key is gone." if given.finish else "The new key signs; run this again with --finish in half an hour."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
