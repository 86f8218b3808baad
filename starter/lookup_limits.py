"""Wrong lookup codes, counted per number and per address for all processes together; right ones never count.

A number is counted whether it exists or not. What is stored are keyed digests. Who has no wrong code left is
told to wait, whatever he sends then: that a right code still passed would tell him which one it is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Insert, bindparam, case, delete, select

from ledger.db import Ledger
from ledger.dialect import upsert
from ledger.entry import instant
from schemas.errors import NotPermittedError
from starter.api.secrets import keyed
from starter.api.tables import api_wrong_code

WINDOW = timedelta(minutes=15)
LIMITS = {"number": 10, "address": 30}
"""Wrong codes within the window."""

_IPV6_NET = 64
"""One household has so many addresses."""


class TooManyError(NotPermittedError):
    """Too many wrong codes; `headers` say how long to wait."""

    default_code = "rate_limited"
    headers: Mapping[str, str] = {}


@dataclass(frozen=True)
class Standing:
    """What of an allowance is left, for how many seconds."""

    name: str
    left: int
    seconds: int


_WRONG = select(api_wrong_code).where(api_wrong_code.c.who.in_([bindparam(name) for name in LIMITS]))


def counted(ledger: Ledger, number: str, address: str) -> dict[str, str]:
    """Under what a request is counted: allowance to keyed digest."""
    return {
        "number": keyed(ledger, "number", number.strip().upper()),
        "address": keyed(ledger, "address", network_of(address)),
    }


def network_of(address: str) -> str:
    """An address as it is counted: of IPv6 its network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _IPV6_NET), strict=False))
    return str(found)


def standings(connection: Connection, who: Mapping[str, str], now: datetime) -> list[Standing]:
    """What is left of each allowance."""
    rows = connection.execute(_WRONG, dict(who))
    known = {row.who: (datetime.fromisoformat(row.since), int(row[2])) for row in rows}
    return [_standing(name, known.get(digest), now) for name, digest in who.items()]


def check(left: list[Standing]) -> None:
    """Raises TooManyError where an allowance is used up."""
    if any(each.left <= 0 for each in left):
        wait = max(each.seconds for each in left if each.left <= 0)
        raise _too_many(left, wait)


def count_wrong(ledger: Ledger, who: Mapping[str, str], now: datetime) -> list[Standing]:
    """One more wrong code. Raises TooManyError where it was one too many: it is then not told to be wrong."""
    with ledger.engine.begin() as connection:
        connection.execute(delete(api_wrong_code).where(api_wrong_code.c.since < _text(now - WINDOW)))
        for digest in sorted(who.values()):  # the same order everywhere: two cannot wait for each other
            connection.execute(_one_more(connection, digest, now))
        left = standings(connection, who, now)
    if over := [each.seconds for each in left if each.left < 0]:
        raise _too_many(left, max(over))
    return left


def fields(left: list[Standing]) -> dict[str, str]:
    """`RateLimit` fields of an answer (draft-ietf-httpapi-ratelimit-headers)."""
    window = int(WINDOW.total_seconds())
    policy = ", ".join(f'"{name}";q={limit};w={window}' for name, limit in LIMITS.items())
    told = ", ".join(f'"{each.name}";r={max(each.left, 0)};t={each.seconds}' for each in left)
    return {"RateLimit-Policy": policy, "RateLimit": told}


def _standing(name: str, known: tuple[datetime, int] | None, now: datetime) -> Standing:
    if known is None or known[0] <= now - WINDOW:
        return Standing(name, LIMITS[name], int(WINDOW.total_seconds()))
    seconds = int((known[0] + WINDOW - now).total_seconds()) + 1
    return Standing(name, LIMITS[name] - known[1], max(1, seconds))


def _one_more(connection: Connection, digest: str, now: datetime) -> Insert:
    columns = api_wrong_code.c
    over = columns.since <= _text(now - WINDOW)
    added = upsert(api_wrong_code, postgresql=connection.dialect.name == "postgresql")
    added = added.values(who=digest, since=_text(now), count=1)
    return added.on_conflict_do_update(
        index_elements=["who"],
        set_={
            "since": case((over, _text(now)), else_=columns.since),
            "count": case((over, 1), else_=columns.count + 1),
        },
    )


def _text(moment: datetime) -> str:
    return instant(moment.astimezone(UTC))


def _too_many(left: list[Standing], wait: int) -> TooManyError:
    error = TooManyError(
        f"查询码错误次数过多，请 {wait} 秒后再试 / too many wrong codes: try again in {wait} seconds"
    )
    error.headers = {"Retry-After": str(wait), **fields(left)}
    return error
