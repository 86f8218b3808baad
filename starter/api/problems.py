"""Problems (RFC 9457): every failure of the API in one form, and the same words on a page for people.

Types are stable and have a page each under `/problems/<code>`. What went wrong is said in Chinese and
English, as errors are everywhere in this house; programs rely on `code`.
"""

from __future__ import annotations

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

STATUS_OF_CODE = {"stale": 412, "already_decided": 409, "rate_limited": 429, "too_large": 413}
"""Where a code says more than its class."""


class Problem(Model):
    """A problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str = ""
    case: str = ""
    errors: tuple[dict[str, str], ...] = ()
    """Fields that are wrong: JSON pointer and what is wrong with each."""
    extra: dict[str, Any] = Field(default_factory=dict)


def problem_of(error: YangguangError, instance: str = "") -> Problem:
    """The problem that an error of this house is."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    status = STATUS_OF_CODE.get(error.code, status)
    return Problem(
        type=f"/problems/{error.code}",
        title=error.code.replace("_", " "),
        status=status,
        detail=error.message,
        code=error.code,
        instance=instance,
    )


def answer(problem: Problem) -> JSONResponse:
    """The problem as it is sent."""
    content = problem.model_dump(mode="json", exclude_defaults=True, exclude={"extra"}) | problem.extra
    headers = {"Retry-After": "5"} if problem.status in (429, 503) else None
    return JSONResponse(content, problem.status, headers=headers, media_type=MEDIA_TYPE)


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """The API's handler of this house's errors."""
    assert isinstance(error, YangguangError)
    return answer(problem_of(error, request.url.path))
