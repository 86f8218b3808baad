"""The limits of an item, worked out day by day from imagined days: command line, API and pages alike.

What an applicant or an officer does with a wall calendar, done with the calendar in force, the same algebra
and the same words as in a real case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date

from rules.calendar import holiday_names
from rules.explain import Explanation, explain
from rules.limits import extension_allowed
from rules.refusals import Refusal
from schemas.clocks import Calendar, Clock, ClockKind, Limit, Suspension
from schemas.errors import NotPermittedError, UsageError
from schemas.profile import Item, Profile
from starter.profile_files import calendar_files
from starter.rulebook import calendar_for

YEARS_AHEAD = 2
"""The calendar reaches to the end of this many years after the latest date given."""

YEARS_AT_MOST = 100
"""No limit runs over more years than this."""

Told = dict[ClockKind, Explanation | None]

NO_LIMIT = {
    ClockKind.ACCEPTANCE: "未给收件日（--received）/ no day of receipt given (--received)",
    ClockKind.STATUTORY: "本事项没有法定时限 / the item has no statutory limit",
    ClockKind.PROMISE: "本事项没有承诺时限 / the item has no promised limit",
}
"""Why a clock is missing from the answer."""

DEEMED = (
    "受理晚于受理时限，依法视为自收件日 {day} 起受理 / "
    "accepted after the acceptance limit: by law deemed accepted on the day of receipt, {day}"
)
"""行政许可法 Art.32: silence is acceptance; the clocks shown run from the day that was given."""


@dataclass(frozen=True)
class Given:
    """The days of an imagined case."""

    accepted: date
    received: date | None = None
    suspensions: tuple[Suspension, ...] = ()
    extension: int = 0
    approved: date | None = None

    def days(self) -> Iterator[date]:
        """Every day that was given."""
        yield from filter(None, (self.accepted, self.received, self.approved))
        for span in self.suspensions:
            yield from filter(None, (span.start, span.end))


def given(
    accepted: str, received: str | None, suspend: Sequence[str], extend: int, approved: str | None
) -> Given:
    """The days as they were typed. Raises UsageError naming the option that is wrong."""
    if bool(extend) != bool(approved):
        raise UsageError("--extend 与 --approved 须同时给出 / --extend and --approved belong together")
    found = Given(
        accepted=day_of("--accepted", accepted),
        received=day_of("--received", received) if received else None,
        suspensions=tuple(_span(text) for text in suspend),
        extension=extend,
        approved=day_of("--approved", approved) if approved else None,
    )
    _check_order(found)
    return found


def day_of(option: str, text: str) -> date:
    """A day as it was typed. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option}：日期应为 YYYY-MM-DD / {option}: {text!r} is not a date YYYY-MM-DD"
        ) from None


def clocks(item: Item, given: Given) -> dict[ClockKind, Clock | None]:
    """The clocks whose start is known; None where the item or the question gives no limit."""
    return {
        ClockKind.ACCEPTANCE: _acceptance(item, given),
        ClockKind.STATUTORY: _from_acceptance(ClockKind.STATUTORY, item.statutory, given),
        ClockKind.PROMISE: _from_acceptance(ClockKind.PROMISE, item.promise, given),
    }


def check_extension(item: Item, given: Given, calendar: Calendar) -> None:
    """Raises `NotPermittedError` with the reason if the extension asked for would not be valid.

    An extension lengthens promise and statutory limit together, so neither may have passed (2.5).
    """
    if not given.extension or given.approved is None:
        return
    if item.extension_max == 0:
        raise _refused("no_extension")
    if given.extension > item.extension_max:
        raise _refused("extension_too_long", max=item.extension_max)
    unextended = replace(given, extension=0)
    for clock in clocks(item, unextended).values():
        day = given.approved
        if clock is None or clock.kind is ClockKind.ACCEPTANCE:
            continue
        if reason := extension_allowed(clock, calendar, applied=day, approved=day):
            raise _refused(reason)


def calendar_of(profile: Profile, days: Sequence[date]) -> Calendar:
    """The calendar around these days. Raises UsageError for days too far ahead."""
    first, last = min(days).year, max(days).year + YEARS_AHEAD
    if last - first > YEARS_AT_MOST or last > MAXYEAR:
        raise UsageError(f"日期 {max(days)} 太远 / the day {max(days)} lies too far ahead")
    return calendar_for(profile, date(first, 1, 1), date(last, 12, 31))


def explained(
    found: dict[ClockKind, Clock | None], calendar: Calendar, profile: Profile, as_of: date | None
) -> Told:
    """Each clock in words, with lamp and days left on `as_of`."""
    files = calendar_files(profile.calendar, None)
    names = holiday_names(files, calendar.first_day, calendar.last_day)
    divisor = profile.thresholds.warn_divisor
    return {
        kind: explain(clock, calendar, warn_divisor=divisor, as_of=as_of, holidays=names) if clock else None
        for kind, clock in found.items()
    }


def notes(told: Told, accepted: date) -> dict[ClockKind, str]:
    """What dates alone do not say: why a clock is missing, what the law makes of a late acceptance."""
    said = {kind: NO_LIMIT[kind] for kind, clock in told.items() if clock is None}
    acceptance = told[ClockKind.ACCEPTANCE]
    if acceptance and acceptance.due and accepted > acceptance.due:
        said[ClockKind.ACCEPTANCE] = DEEMED.format(day=acceptance.start)
    return said


def document(
    profile: Profile, item: Item, calendar: Calendar, told: Told, accepted: date
) -> dict[str, object]:
    """The answer as JSON."""
    return {
        "item": item.code,
        "name": item.name,
        "name_en": item.name_en,
        "profile": profile.id,
        "calendar": {"version": calendar.version, "sha256": calendar.sha256},
        "clocks": {str(kind): _as_json(clock) for kind, clock in told.items()},
        "notes": {str(kind): note for kind, note in notes(told, accepted).items()},
    }


def _acceptance(item: Item, given: Given) -> Clock | None:
    if given.received is None:
        return None
    kind = ClockKind.ACCEPTANCE
    return Clock(kind=kind, start=given.received, limit=item.acceptance, stopped_on=given.accepted)


def _from_acceptance(kind: ClockKind, limit: Limit | None, given: Given) -> Clock | None:
    if limit is None:
        return None
    return Clock(
        kind=kind,
        start=given.accepted,
        limit=limit,
        extension=given.extension,
        suspensions=given.suspensions,
    )


def _refused(code: str, **facts: object) -> NotPermittedError:
    return NotPermittedError(Refusal(code, **facts).message, code=code)


def _check_order(given: Given) -> None:
    if given.received and given.received > given.accepted:
        raise UsageError("收件日晚于受理日 / --received is later than --accepted")
    if given.approved and given.approved < given.accepted:
        raise UsageError("批准日早于受理日 / --approved is earlier than --accepted")
    for span in given.suspensions:
        if span.start < given.accepted:
            raise UsageError(f"停表始于受理之前 / suspended from {span.start}, before --accepted")


def _span(text: str) -> Suspension:
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(f"--suspend：应为 起..止 / --suspend: {text!r} is not S..R")
    span = Suspension(start=day_of("--suspend", start), end=day_of("--suspend", end) if end else None)
    if span.end and span.end < span.start:
        raise UsageError(f"--suspend：止早于起 / --suspend: {text!r} ends before it starts")
    return span


def _as_json(clock: Explanation | None) -> dict[str, object] | None:
    """The explanation; lamp and days left only where a day was asked for."""
    if clock is None:
        return None
    return clock.model_dump(mode="json", exclude=set() if clock.lamp else {"lamp", "left"})
