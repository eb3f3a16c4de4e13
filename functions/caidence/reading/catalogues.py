"""Catalogues: what a domain knows by heart, in a TOML file beside its modules."""

from typing import Any


def catalogue(package: str, *path: str) -> dict[str, Any]:
    """The contents of a TOML file of a package, such as `catalogue("caidence.chat", "advice.toml")`."""
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(package).joinpath(*path).read_text(encoding="utf-8"))
