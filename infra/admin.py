"""Appoints an administrator: `python -m infra.admin storefront ada@example.com [--table NAME --region REGION]`.

A new shop has nobody who could appoint the first one. An account with that address gets the role; without one, an
account is made with a random password, which is printed once and stored nowhere. Without `--table` the laptop's
instance is meant. The exit status is 2 when it could not be done.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from infra.local.instance import Failure
from infra.target import add_options, system_at


def appoint(system: str, email: str, out: TextIO) -> None:
    """Appoint an administrator of the system in force. Raises ValueError for what is no address, or no system."""
    from quintet.models.email import normalise_email

    address = normalise_email(email)
    bootstrap = _bootstrap(system)
    password = bootstrap.make_admin(address)
    print(f"{address} is an administrator of {system}.", file=out)
    if password:
        print(f"A new account was made. Its password, shown this once: {password}", file=out)


def _bootstrap(system: str) -> Any:
    """The system's module that makes first accounts. Raises ValueError when there is none."""
    for name in (f"{system}.bootstrap", f"{system}.model.bootstrap"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if not name.startswith(error.name or "?"):
                raise
    raise ValueError(f"{system} has no administrators to appoint")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="infra.admin", description=__doc__)
    parser.add_argument("system", help="such as storefront")
    parser.add_argument("email", help="whom to appoint")
    add_options(parser)
    given = parser.parse_args(arguments)
    try:
        with system_at(given.system, given):
            appoint(given.system, given.email, sys.stdout)
    except (Failure, ValueError) as failure:
        print(f"{given.email}: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
