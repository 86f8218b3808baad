"""Problems (RFC 9457): every failure of the API in one form, and the same words on a page for people.

Types are stable and have a page each under `/problems/<code>`. What went wrong is said in Chinese and
English, as errors are everywhere in this house; programs rely on `code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import Field

from schemas.base import Model
from schemas.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    PendingError,
    UnavailableError,
    UsageError,
    VerificationError,
    YangguangError,
)
from starter.api.problem_codes import meaning_of

MEDIA_TYPE = "application/problem+json"

STATUS: tuple[tuple[type[YangguangError], int], ...] = (
    (UsageError, 422),
    (VerificationError, 409),
    (NotPermittedError, 403),
    (ConflictError, 409),
    (NotFoundError, 404),
    (PendingError, 202),
    (UnavailableError, 503),
)

STATUS_OF_CODE = {
    "stale": 412,
    "already_decided": 409,
    "rate_limited": 429,
    "too_large": 413,
    "wrong_code": 404,
    "file_type": 415,
    "media_type": 415,
    "idempotency_key_required": 400,
    "precondition_required": 428,
    "bad_if_match": 400,
    "in_flight": 409,
    "sign_in_needed": 401,
    "proof_needed": 401,
    "bad_token": 401,
    "receipt_format": 422,
}
"""Where a code says more than its class."""

RETRY_AFTER = "5"


class FieldError(Model):
    """A field that is wrong."""

    pointer: str
    """JSON pointer into the body (RFC 6901), or `?name` of a parameter."""
    detail: str


class Problem(Model):
    """A problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str = ""
    case: str = ""
    errors: tuple[FieldError, ...] = ()
    trace_id: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Members of this one problem besides."""


def problem_of(error: YangguangError, instance: str = "") -> Problem:
    """The problem that an error of this house is; it may bring its own `errors` and `extra`."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return problem(
        error.code,
        STATUS_OF_CODE.get(error.code, status),
        error.message,
        instance,
        errors=getattr(error, "errors", ()),
        extra={**error.details, **getattr(error, "extra", {})},
    )


def problem(
    code: str,
    status: int,
    detail: str = "",
    instance: str = "",
    *,
    errors: Iterable[FieldError] = (),
    extra: Mapping[str, Any] | None = None,
) -> Problem:
    """A problem by its code."""
    meaning = meaning_of(code)
    title = f"{meaning.zh} / {meaning.en}" if meaning else code.replace("_", " ")
    return Problem(
        type=f"/problems/{code}",
        title=title,
        status=status,
        detail=detail or title,
        code=code,
        instance=instance,
        errors=tuple(errors),
        extra=dict(extra or {}),
    )


def answer(found: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The problem as it is sent."""
    content = found.model_dump(mode="json", exclude_defaults=True, exclude={"extra"}) | found.extra
    told = {"Cache-Control": "no-store", **({"Retry-After": RETRY_AFTER} if found.status == 503 else {})}
    return JSONResponse(content, found.status, headers=told | dict(headers or {}), media_type=MEDIA_TYPE)


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """The API's handler of this house's errors."""
    assert isinstance(error, YangguangError)
    return answer(problem_of(error, request.url.path), getattr(error, "headers", None))
