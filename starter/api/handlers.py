"""What becomes of everything that goes wrong under `/api`: a problem, never a page and never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from starter.api.problems import FieldError, answer, problem

_CODES = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_api(request: Request) -> bool:
    """Whether a program asks, and not a person with a browser."""
    return request.url.path.startswith("/api/")


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses by itself: no such address, no such method, a body that is no form."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "bad_request")
    return answer(problem(code, error.status_code, instance=request.url.path), error.headers)


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Fields that are wrong, each with its place. What was typed is never repeated."""
    assert isinstance(error, RequestValidationError)
    found = tuple(field_errors(error.errors()))
    unreadable = any(each["type"] == "json_invalid" for each in error.errors())
    code, status = ("bad_request", 400) if unreadable else ("bad_field", 422)
    return answer(problem(code, status, instance=request.url.path, errors=found))


def field_errors(problems: Iterable[Any]) -> Iterable[FieldError]:
    """The places and reasons of pydantic's errors."""
    for each in problems:
        yield FieldError(pointer=pointer(each["loc"]), detail=_CONTROL.sub(" ", str(each["msg"]))[:300])


def pointer(place: Sequence[int | str]) -> str:
    """JSON pointer of a field of the body; `?name` of a parameter."""
    where, *path = place or ("body",)
    if where in ("query", "path", "header", "cookie"):
        return f"?{'.'.join(map(str, path))}"
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
