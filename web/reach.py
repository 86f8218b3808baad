"""Whether the engine was found away of late: what a reading page says without asking the engine itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request

from starter.api.router import desk_of

REMEMBERED = timedelta(minutes=1)
"""After this nobody can say how it is now."""


def found(request: Request, *, away: bool) -> None:
    """Remember how the engine was found by a page that needed it."""
    request.app.state.engine_away_at = desk_of(request).now() if away else None


def is_away(request: Request) -> bool:
    """Whether it was found away within the last minute."""
    at: datetime | None = getattr(request.app.state, "engine_away_at", None)
    return at is not None and desk_of(request).now() - at < REMEMBERED
