"""What a branch decides by: a field of an earlier step's output, compared with a value."""

from typing import Any, Literal

Operator = Literal["eq", "ne", "gt", "lt", "contains"]


def holds(output: Any, field: str, operator: Operator, value: Any) -> bool:
    """Whether a field of an output compares so with a value.

    `field` is a name, or a path such as `result.title` or `slides.0.title`. One that is not there is null, which equals
    null alone. `gt` and `lt` compare numbers with numbers and texts with texts, and hold for nothing else. `contains`
    asks for a part of a text (whatever its case), an entry of a list or a name in an object.
    """
    found = _at(output, field)
    if operator == "eq":
        return _equal(found, value)
    if operator == "ne":
        return not _equal(found, value)
    if operator == "contains":
        return _contains(found, value)
    if not _ordered(found, value):
        return False
    return bool(found > value) if operator == "gt" else bool(found < value)


def _at(output: Any, field: str) -> Any:
    for step in field.split("."):
        if isinstance(output, dict):
            output = output.get(step)
        elif isinstance(output, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(output):
            output = output[int(step[:9])]
        else:
            return None
    return output


def _equal(found: Any, value: Any) -> bool:
    """JSON's equality: 1 is 1.0, and true is no number."""
    return isinstance(found, bool) == isinstance(value, bool) and bool(found == value)


def _contains(found: Any, value: Any) -> bool:
    if isinstance(found, str):
        return isinstance(value, str) and value.casefold() in found.casefold()
    if isinstance(found, list):
        return any(_equal(each, value) for each in found)
    return isinstance(found, dict) and value in found


def _ordered(found: Any, value: Any) -> bool:
    return (_is_number(found) and _is_number(value)) or (isinstance(found, str) and isinstance(value, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
