"""The description of the API (OpenAPI 3.1): what the framework tells of the routes, and what is true of all.

Problems, the Idempotency-Key of every POST and the ways to sign in are the same everywhere: they are written
down here once, and not at each route.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from starter.api.examples import PROBLEM
from starter.api.problem_codes import CODES
from starter.api.problems import MEDIA_TYPE, Problem
from starter.api.router import PREFIX

ABOUT = """
阳光的接口。日期为当地日，时间为 RFC 3339 带时差，金额以分计；每个 POST 须有 `Idempotency-Key`，
同键同文重发得到同一答复；错误一律为 RFC 9457 问题文档，`code` 稳定；列表以 `after` 翻页，
`as_of` 是答复所知的总账位置。

The API of Yangguang. Days are local, times RFC 3339 with offset, amounts in fen. Every POST needs an
`Idempotency-Key`: the same key with the same body gets the same answer. Failures are problem documents
(RFC 9457) with a stable `code`. Lists go on with `after`; `as_of` is the ledger position an answer knows of.
"""

READING = (400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
WRITING = (*READING, 415)
ACTING = (*WRITING, 202, 412, 428)
"""Statuses of problems, by what an operation does."""

STATELESS = {"lookup", "proof", "files"}
"""Tags of POSTs that begin nothing in the engine."""

_TITLES = {
    202: "已交引擎，尚未入账 / held by the engine, not recorded yet",
    400: "请求不可读或缺键 / unreadable, or without a key",
    401: "须登录 / sign in",
    403: "规则不允许 / not permitted",
    404: "没有或不得知悉 / not there, or not for you",
    409: "冲突或在办 / conflict, or in flight",
    412: "卷宗已变 / stale",
    413: "过大 / too large",
    415: "类型不收 / media type",
    422: "字段有误 / wrong fields",
    428: "须附 If-Match / precondition required",
    429: "次数过多 / too many",
    500: "本系统出错 / our mistake",
    503: "暂不可用 / unavailable",
}

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "每个新请求一个随机键；未登录者至少 16 个字符 / random for every new request;"
    " of whoever is not signed in at least 16 characters",
    "schema": {"type": "string", "minLength": 16, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "0b1c6a5e-8f52-4c1f-9a77-5d1f5d0f2a11",
}
_RETRY = {"Retry-After": {"schema": {"type": "string"}, "description": "秒 / seconds"}}


def describe(app: FastAPI) -> None:
    """Give the application the whole description."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= _problem_schemas()
    made["components"]["securitySchemes"] = _ways_in()
    made["security"] = [{}, {"bearer": []}, {"session": []}]
    for method, operation in _operations(made):
        _complete(method, operation)
    return made


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        if path.startswith(PREFIX):
            yield from methods.items()


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Problems and headers that the operation has in common with its like."""
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    posting = method == "post"
    acting = posting and not STATELESS & set(operation.get("tags", ()))
    for status in ACTING if acting else WRITING if posting else READING:
        responses.setdefault(str(status), _problem(status))
    if posting and not any(p.get("name") == _KEY["name"] for p in operation.get("parameters", ())):
        operation.setdefault("parameters", []).append(_KEY)
    for status, told in responses.items():
        if posting and status.startswith("2"):
            replayed = {"Idempotency-Replayed": {"schema": {"type": "string", "enum": ["true"]}}}
            told.setdefault("headers", {}).update(replayed)


def _problem(status: int) -> dict[str, Any]:
    code = next((code for code, meaning in CODES.items() if meaning.status == status), "bad_field")
    told = CODES[code]
    title = f"{told.zh} / {told.en}"
    example = (
        PROBLEM
        if status == 422
        else {
            "type": f"/problems/{code}",
            "title": title,
            "status": status,
            "detail": title,
            "code": code,
        }
    )
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {
        "description": _TITLES[status],
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    return found | ({"headers": _RETRY} if status in (429, 503) else {})


def _problem_schemas() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = made.pop("$defs", {})
    made["properties"].pop("extra", None)
    return {"Problem": made, **inner}


def _ways_in() -> dict[str, Any]:
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "已登记系统的令牌 / token of a registered system (OAuth 2.0 client credentials)",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "yangguang",
            "description": "工作人员登录 / signed in",
        },
    }
