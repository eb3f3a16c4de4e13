"""CloudFormation's YAML: the short forms of its functions, written the same way every time and read back."""

from __future__ import annotations

import re
from typing import Any

import yaml

Resource = dict[str, Any]
HEADER = "# Rendered from the operations by `make template`. Change the operations or infra/render, not this file.\n"


class Ref(str):
    """`!Ref`: the value of a parameter or the identity of a resource."""

    __slots__ = ()


class Sub(str):
    """`!Sub`: a text with `${…}` in it."""

    __slots__ = ()


class Att(str):
    """`!GetAtt`: an attribute of a resource, as `Table.Arn`."""

    __slots__ = ()


class Join(str):
    """`!Join [",", !Ref …]`: a list parameter as one text, the way a nested stack takes it."""

    __slots__ = ()


class If(tuple[Any, ...]):
    """`!If [condition, then, else]`."""

    __slots__ = ()


NO_VALUE = Ref("AWS::NoValue")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - CloudFormation takes no YAML aliases
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _tag(kind: type[str], tag: str) -> None:
    _Dumper.add_representer(kind, lambda dumper, value: dumper.represent_scalar(tag, str(value)))


_tag(Ref, "!Ref")
_tag(Sub, "!Sub")
_tag(Att, "!GetAtt")
_Dumper.add_representer(If, lambda dumper, value: dumper.represent_sequence("!If", list(value), flow_style=True))
_Dumper.add_representer(
    Join, lambda dumper, value: dumper.represent_sequence("!Join", [",", Ref(value)], flow_style=True)
)


def dump(template: dict[str, Any]) -> str:
    """A template as YAML, its keys in the order given."""
    text = yaml.dump(template, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    # PyYAML quotes every tagged scalar; names of resources need none.
    return HEADER + re.sub(r"(!(?:Ref|GetAtt)) '([\w.:]+)'", r"\1 \2", text)


class _Loader(yaml.SafeLoader):
    pass


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise ValueError(f"!{suffix} takes no mapping here")
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {"Ref" if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def load(text: str) -> dict[str, Any]:
    """A template read back, its short forms as the long ones (`{"Fn::Sub": …}`)."""
    found: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with CloudFormation's tags
    return found
