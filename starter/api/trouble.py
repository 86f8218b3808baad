"""What nobody foresaw: one line in the log, one problem with a trace id for the caller, no traceback.

A traceback shows lines of source and its message may hold what somebody typed: the log gets the kind of the
error and the places it went through, the caller the id to name it by.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import structlog
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.db import unavailable
from schemas.errors import UnavailableError
from starter.api.handlers import is_api
from starter.api.problems import answer, problem, problem_of

ROOT = Path(__file__).parents[2]
_PLACES = 6

Page = Callable[[Request, int, str], Response]
"""Makes the page of an error: request, status, trace id."""

_log = structlog.get_logger(__name__)


class Trouble:
    """Outermost of the application."""

    def __init__(self, app: ASGIApp, page: Page) -> None:
        """Around everything else; people get `page`, programs a problem."""
        self.app, self.page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what fails; where an answer is under way already, the connection ends."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            trace, status = token_hex(16), _status(error)
            _log.error(
                "unhandled", trace_id=trace, path=scope["path"], error=type(error).__name__, at=_places(error)
            )
            if begun:
                raise
            await self._answer(Request(scope), status, trace)(scope, receive, send)

    def _answer(self, request: Request, status: int, trace: str) -> Response:
        if not is_api(request):
            return self.page(request, status, trace)
        words = "数据库不可用 / the database is out of reach"
        away = problem_of(UnavailableError(words), request.url.path)
        found = away if status == 503 else problem("internal", 500, instance=request.url.path)
        return answer(found.model_copy(update={"trace_id": trace}))


def _status(error: Exception) -> int:
    return 503 if isinstance(error, DBAPIError) and unavailable(error) else 500


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
