"""OpenAPI 3.1 from the declarations: one document per system, models named once, errors in the system's shape."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from quintet.api.components import REF, Components
from quintet.api.declaration import READ, WRITE
from quintet.api.errors import ErrorType, StandardErrors
from quintet.api.headers import succeeding
from quintet.api.reply import JSON
from quintet.store.cursors import INVALID_CURSOR
from quintet.store.errors import BUSY, UNCONFIRMED
from quintet.store.queries import TOO_DEEP

if TYPE_CHECKING:
    from quintet.api.declaration import Declaration
    from quintet.api.face import Face
    from quintet.api.signature import Parameter, Signature

COMPONENTS = "x-components"
"""In a field's JSON Schema: the names of components (`Api(schemas=…)`) of which the value is one."""
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Send the same key again to get the same answer without a second effect; kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: when it still holds, the answer is 304 without a body.",
    "schema": {"type": "string"},
}


def document(face: Face, operations: Sequence[Declaration[..., Any]], server_url: str) -> dict[str, Any]:
    """The whole document over the served operations; `server_url` is where the documented paths start."""
    components = Components(face, operations)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        assert operation.method is not None
        paths[operation.path][operation.method.lower()] = _operation(face, operation, components)
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": face.title, "version": face.version, "description": face.description},
        "paths": dict(paths),
        "components": {
            "schemas": {**components.schemas, "Error": {**face.envelope.error_schema(), "title": "Error"}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    if server_url:
        found["servers"] = [{"url": server_url}]
    return found


def _operation(face: Face, operation: Declaration[..., Any], components: Components) -> dict[str, Any]:
    summary, _, rest = inspect.cleandoc(operation.__doc__ or operation.id).partition("\n")
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": summary.strip(),
        "tags": list(operation.tags),
        "parameters": _parameters(operation),
        "responses": _responses(face, operation, components),
    }
    if rest.strip():
        found["description"] = rest.strip()
    body = operation.signature.body
    if body is not None:
        schema = components.of(operation, "validation")
        media: dict[str, Any] = {"schema": schema}
        if operation.example:
            media["example"] = deepcopy(dict(operation.example))  # a reader may change what it got
        required = body.default is inspect.Parameter.empty
        kinds = (JSON, *operation.forms)
        found["requestBody"] = {"required": required, "content": dict.fromkeys(kinds, media)}
    if operation.caller is not None:
        optional = operation.signature.caller is not None and operation.signature.caller.optional
        found["security"] = [{"bearer": []}, {}] if optional else [{"bearer": []}]
    if operation.extension:
        found["x-extension"] = True
    if operation.only_local:
        found["x-only-local"] = True
    if operation.schedule:
        found["x-schedule"] = operation.schedule
    return found


def _parameters(operation: Declaration[..., Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for p in operation.signature.parameters:
        if p.source == "path":
            found.append({"name": p.name, "in": "path", "required": True, "schema": _schema(p)})
        elif p.source in ("query", "header"):
            name = p.marker.name if p.source == "header" else p.name
            required = p.default is inspect.Parameter.empty and not p.optional
            found.append({"name": name, "in": p.source, "required": required, "schema": _schema(p)})
        elif p.source == "query_model":
            found += _flattened(p.type)
    if operation.caller is not None:
        found += [_header(name, text) for name, text in operation.caller.headers.items()]
    if operation.keyed:
        found.append(_IDEMPOTENCY)
    if operation.revalidates:
        found.append(_IF_NONE_MATCH)
    return found


def _header(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _schema(p: Parameter) -> dict[str, Any]:
    if p.adapter is None:
        return {"type": "string", "minLength": 1, "maxLength": 200}
    return _without_null(_written_out(p.adapter.json_schema()))


def _written_out(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that stands inside another document, with its own `$defs` put where they are referred to."""
    definitions = schema.get("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if COMPONENTS in node:
            return {"anyOf": [{"$ref": REF.format(model=name)} for name in node[COMPONENTS]]}
        rest = {key: resolved(value) for key, value in node.items() if key not in ("$ref", "$defs")}
        return {**resolved(definitions[node["$ref"].rpartition("/")[2]]), **rest} if "$ref" in node else rest

    found: dict[str, Any] = resolved(schema)
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is absent, never null."""
    options = [o for o in schema.get("anyOf", []) if o != {"type": "null"}]
    if len(options) == 1 and "anyOf" in schema:
        rest = {k: v for k, v in schema.items() if k not in ("anyOf", "default", "title")}
        return {**options[0], **rest}
    return {k: v for k, v in schema.items() if k != "title"}


def _flattened(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = _written_out(model.model_json_schema())
    required = schema.get("required", [])
    found = []
    for name, field in schema.get("properties", {}).items():
        inner = _without_null(field)
        text = inner.pop("description", None)
        found.append({"name": name, "in": "query", "required": name in required, "schema": inner}
                     | ({"description": text} if text else {}))  # fmt: skip
    return found


def _responses(face: Face, operation: Declaration[..., Any], components: Components) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": "Success",
        "headers": {
            name: {"description": text, "schema": {"type": "string"}} for name, text in succeeding(operation).items()
        },
    }
    if operation.signature.result.model is not None:
        success["content"] = _content(face, operation, components)
    found = {str(operation.status): success}
    if operation.revalidates:
        found["304"] = {"description": "Not changed since the answer with the ETag in `If-None-Match`"}
    for status, errors in sorted(_refusals(face, operation).items()):
        texts = list(dict.fromkeys(f"`{e.code}`: {e.message}" for e in errors))
        content = {JSON: {"schema": {"$ref": REF.format(model="Error")}}}
        found.setdefault(str(status), {"description": "; ".join(texts), "content": content})
    return found


def _content(face: Face, operation: Declaration[..., Any], components: Components) -> dict[str, Any]:
    """A successful reply's body by its media types."""
    result = operation.signature.result
    if result.binary:
        file = {"type": "string", "format": "binary"}
        shapes = {JSON: components.of(operation, "serialization")} if operation.json else {}
        return {media: {"schema": shapes.get(media, file)} for media in operation.produces}
    inner = components.of(operation, "serialization")
    if result.paged:
        inner = {"type": "array", "items": inner}
    if result.bare:
        return {JSON: {"schema": inner}}
    envelope = face.envelope
    outer = envelope.page_schema(inner, operation.rows) if result.paged else envelope.data_schema(inner, paged=False)
    return {JSON: {"schema": components.wrapped(operation, inner, outer)}}


def _refusals(face: Face, operation: Declaration[..., Any]) -> dict[int, list[ErrorType]]:
    standard, signature = face.errors, operation.signature
    found: dict[int, list[ErrorType]] = defaultdict(list)
    errors = [*operation.errors, *_of_input(standard, signature)]
    if operation.caller is not None:
        errors += [standard.unauthenticated, *operation.caller.errors]
        if operation.caller.restricted:
            errors.append(standard.forbidden)
    if operation.only_local:
        errors.append(standard.not_found)
    if operation.keyed:
        errors += [standard.key_reused, standard.key_in_use, standard.key_invalid]
    if operation.limit or operation.tiers:
        errors.append(standard.rate_limited)
    errors += _of_output(standard, signature)
    if operation.needs & {READ, WRITE}:
        errors.append(BUSY)
    if WRITE in operation.needs:
        errors.append(UNCONFIRMED)
    for error in (*errors, standard.internal):
        found[error.status].append(error)
    return found


def _of_output(standard: StandardErrors, signature: Signature) -> list[ErrorType]:
    """What is refused because of what would be answered."""
    if signature.result.paged:
        return [standard.reply_too_large, INVALID_CURSOR, TOO_DEEP]
    return [standard.reply_too_large] if signature.result.binary else []


def _of_input(standard: StandardErrors, signature: Signature) -> list[ErrorType]:
    """What is refused of path, query and body."""
    path = [p for p in signature.parameters if p.source == "path"]
    errors = [p.marker.blank for p in path if p.marker]
    if signature.body is not None:
        errors += [standard.malformed or standard.invalid_body, standard.invalid_body]
        errors += [standard.media_type, standard.too_large]
    if any(p.source in ("query", "query_model", "header") for p in signature.parameters):
        errors.append(standard.invalid)
    if path:
        errors.append(standard.not_found)
        if standard.malformed_path is not None and any(p.adapter for p in path):
            errors.append(standard.malformed_path)
    return errors


def template_names(path: str) -> list[str]:
    """The names of a path's parameters, in order."""
    return re.findall(r"\{([^}]*)\}", path)
