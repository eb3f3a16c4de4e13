"""OpenAPI 3.1 from the declarations: one document per system, models named once, errors in the system's shape."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from quintet.api.errors import ErrorType

if TYPE_CHECKING:
    from quintet.api.declaration import Declaration
    from quintet.api.face import Face
    from quintet.api.signature import Parameter

_REF = "#/components/schemas/{model}"
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
    refs, components = _models(face, operations)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        assert operation.method is not None
        paths[operation.path][operation.method.lower()] = _operation(face, operation, refs)
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": face.title, "version": face.version, "description": face.description},
        "paths": dict(paths),
        "components": {
            "schemas": {**components, "Error": face.envelope.error_schema()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    if server_url:
        found["servers"] = [{"url": server_url}]
    return found


Models = dict[tuple[Any, JsonSchemaMode], dict[str, Any]]


def _models(face: Face, operations: Sequence[Declaration[..., Any]]) -> tuple[Models, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = dict.fromkeys(face.schemas())
    for operation in operations:
        body, result = operation.signature.body, operation.signature.result
        if body is not None and _is_model(body.type):
            wanted[body.type, "validation"] = None
        if _is_model(result.model):
            wanted[result.model, "serialization"] = None
    refs, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return dict(refs), definitions.get("$defs", {})


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _operation(face: Face, operation: Declaration[..., Any], refs: Models) -> dict[str, Any]:
    summary, _, rest = inspect.cleandoc(operation.__doc__ or operation.id).partition("\n")
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": summary.strip(),
        "tags": list(operation.tags),
        "parameters": _parameters(operation),
        "responses": _responses(face, operation, refs),
    }
    if rest.strip():
        found["description"] = rest.strip()
    body = operation.signature.body
    if body is not None:
        schema = refs.get((body.type, "validation")) or _written_out(
            (body.adapter or TypeAdapter(body.type)).json_schema()
        )
        media: dict[str, Any] = {"schema": schema}
        if operation.example:
            media["example"] = dict(operation.example)
        required = body.default is inspect.Parameter.empty
        kinds = ("application/json", *operation.forms)
        found["requestBody"] = {"required": required, "content": dict.fromkeys(kinds, media)}
    if operation.caller is not None:
        optional = operation.signature.caller is not None and operation.signature.caller.optional
        found["security"] = [{"bearer": []}, {}] if optional else [{"bearer": []}]
    if operation.extension:
        found["x-extension"] = True
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
    if _revalidates(operation):
        found.append(_IF_NONE_MATCH)
    return found


def _header(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _revalidates(operation: Declaration[..., Any]) -> bool:
    return operation.etag and operation.method == "GET"


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
            return {"anyOf": [{"$ref": _REF.format(model=name)} for name in node[COMPONENTS]]}
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


def _responses(face: Face, operation: Declaration[..., Any], refs: Models) -> dict[str, Any]:
    result = operation.signature.result
    success: dict[str, Any] = {
        "description": "Success",
        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
    }
    if result.model is not None:
        schema = refs.get((result.model, "serialization"))
        if schema is None:
            schema = _written_out(TypeAdapter(result.model).json_schema(mode="serialization"))
        if result.paged:
            schema = {"type": "array", "items": schema}
            success["headers"]["Link"] = {"schema": {"type": "string"}}
        if operation.etag:
            success["headers"]["ETag"] = {"schema": {"type": "string"}}
        wrapped = schema if result.bare else face.envelope.data_schema(schema, paged=result.paged)
        success["content"] = {"application/json": {"schema": wrapped}}
    found = {str(operation.status): success}
    if _revalidates(operation):
        found["304"] = {"description": "Not changed since the answer with the ETag in `If-None-Match`"}
    for status, errors in sorted(_refusals(face, operation).items()):
        texts = list(dict.fromkeys(f"`{e.code}`: {e.message}" for e in errors))
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        found.setdefault(str(status), {"description": "; ".join(texts), "content": content})
    return found


def _refusals(face: Face, operation: Declaration[..., Any]) -> dict[int, list[ErrorType]]:
    standard, signature = face.errors, operation.signature
    found: dict[int, list[ErrorType]] = defaultdict(list)
    errors = list(operation.errors)
    errors += [p.marker.blank for p in signature.parameters if p.source == "path" and p.marker]
    if signature.body is not None:
        errors += [standard.invalid_body, standard.media_type]
    if any(p.source in ("query", "query_model", "header") for p in signature.parameters):
        errors.append(standard.invalid)
    if operation.caller is not None:
        errors += [standard.unauthenticated, *operation.caller.errors]
        if operation.caller.restricted:
            errors.append(standard.forbidden)
    if any(p.source == "path" for p in signature.parameters):
        errors.append(standard.not_found)
        if standard.malformed_path is not None and any(p.adapter for p in signature.parameters if p.source == "path"):
            errors.append(standard.malformed_path)
    if operation.keyed:
        errors += [standard.key_reused, standard.key_in_use, standard.key_invalid]
    if operation.limit:
        errors.append(standard.rate_limited)
    for error in (*errors, standard.internal):
        found[error.status].append(error)
    return found


def template_names(path: str) -> list[str]:
    """The names of a path's parameters, in order."""
    return re.findall(r"\{([^}]*)\}", path)
