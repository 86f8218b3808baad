"""Between which times an entry may have been recorded: checkpoints and tokens, before and behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ledger.entry import instant
from ledger.verifier.trust import Bound
from ledger.verifier.windows import windows

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: int) -> str:
    """So many minutes after noon."""
    return instant(NOON + minutes * MINUTE)


def bound(size: int, minutes: int, *, floor: bool = True) -> Bound:
    """Something signed so many minutes after noon."""
    return Bound(size, NOON + minutes * MINUTE, floor)


def found(*bounds: Bound, tolerance: int = 0) -> list[tuple[int | None, str, str]]:
    """Windows as plain values."""
    return [(w.until, w.floor, w.ceiling) for w in windows(bounds, tolerance * MINUTE)]


def test_without_anything_signed_any_time_is_possible() -> None:
    assert found() == [(None, "", "~")]


def test_between_two_checkpoints() -> None:
    wanted = [(5, "", at(10)), (9, at(10), at(20)), (None, at(20), "~")]
    assert found(bound(5, 10), bound(9, 20)) == wanted
    assert found(bound(9, 20), bound(5, 10)) == wanted


def test_clocks_may_differ_by_the_tolerance() -> None:
    assert found(bound(5, 10), tolerance=5) == [(5, "", at(15)), (None, at(5), "~")]


def test_a_late_token_bounds_what_it_holds_and_nothing_behind_it() -> None:
    token = bound(5, 60, floor=False)
    assert found(token) == [(5, "", at(60)), (None, "", "~")]
    assert found(bound(5, 10), token) == [(5, "", at(10)), (None, at(10), "~")]
    assert found(bound(9, 20), token) == [(5, "", at(20)), (9, "", at(20)), (None, at(20), "~")]


def test_of_several_at_one_size_the_strictest_counts() -> None:
    assert found(bound(5, 10), bound(5, 12)) == [(5, "", at(10)), (None, at(12), "~")]


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_bound_nothing(year: int) -> None:
    moment = datetime(year, 1, 1 if year == 1 else 31, tzinfo=UTC).replace(month=1 if year == 1 else 12)
    first, last = windows([Bound(5, moment)], timedelta(days=366))
    assert (last.until, first.floor) == (None, "")
    assert first.ceiling == "~" if year == 9999 else last.floor == ""
