"""`yangguang deadline explain`: the limits of an item, worked out day by day, without any engine.

What an applicant or an officer does with a wall calendar, done with the calendar in force and the
same algebra and the same words as in a real case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date
from typing import Annotated

import typer

from cli.output import JsonOption, print_json, print_table
from rules.calendar import holiday_names
from rules.explain import CLOCKS, LAMPS, Explanation, explain
from rules.limits import extension_allowed
from rules.refusals import Refusal
from schemas.clocks import Calendar, Clock, ClockKind, Limit, Suspension
from schemas.errors import NotPermittedError, UsageError
from schemas.profile import Item, Profile
from starter.profile_files import calendar_files
from starter.rulebook import calendar_for, item_of, load_profile

app = typer.Typer(help="时限 / limits and due dates.", no_args_is_help=True)

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


@app.callback()
def deadline() -> None:
    """时限 / limits and due dates."""


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


@app.command("explain")
def explain_command(
    item: Annotated[str, typer.Option(help="事项编码 / item code, as LX-DJ-01.")],
    accepted: Annotated[str, typer.Option(help="受理日 / day of acceptance, YYYY-MM-DD.")],
    received: Annotated[str | None, typer.Option(help="收件日 / day of receipt.")] = None,
    suspend: Annotated[
        list[str] | None,
        typer.Option(help="停表 起..止，止可空 / suspended S..R, or S.. while it lasts; may be repeated."),
    ] = None,
    extend: Annotated[int, typer.Option(min=0, help="延期 / extension, in the limit's own unit.")] = 0,
    approved: Annotated[str | None, typer.Option(help="延期批准日 / day the extension was approved.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="该日的灯色 / show lamp and days left on this day.")
    ] = None,
    profile: Annotated[str, typer.Option(help="规则版本 / rule profile.")] = "current",
    json: JsonOption = False,
) -> None:
    """逐日说明应办结日 / explain due dates day by day."""
    rules = load_profile(profile)
    found = item_of(rules, item)
    given = _given(accepted, received, suspend or (), extend, approved)
    day = _day("--as-of", as_of) if as_of else None
    calendar = _calendar(rules, [*given.days(), *([day] if day else [])])
    check_extension(found, given, calendar)
    told = _explained(clocks(found, given), calendar, rules, day)
    if json:
        print_json(_document(rules, found, calendar, told, given.accepted))
    else:
        _print(found, told, _notes(told, given.accepted))


def clocks(item: Item, given: Given) -> dict[ClockKind, Clock | None]:
    """The clocks whose start is known; None where the item or the question gives no limit."""
    return {
        ClockKind.ACCEPTANCE: _acceptance(item, given),
        ClockKind.STATUTORY: _from_acceptance(ClockKind.STATUTORY, item.statutory, given),
        ClockKind.PROMISE: _from_acceptance(ClockKind.PROMISE, item.promise, given),
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


def _refused(code: str, **facts: object) -> NotPermittedError:
    return NotPermittedError(Refusal(code, **facts).message, code=code)


def _given(
    accepted: str, received: str | None, suspend: Sequence[str], extend: int, approved: str | None
) -> Given:
    if bool(extend) != bool(approved):
        raise UsageError("--extend 与 --approved 须同时给出 / --extend and --approved belong together")
    given = Given(
        accepted=_day("--accepted", accepted),
        received=_day("--received", received) if received else None,
        suspensions=tuple(_span(text) for text in suspend),
        extension=extend,
        approved=_day("--approved", approved) if approved else None,
    )
    _check_order(given)
    return given


def _check_order(given: Given) -> None:
    if given.received and given.received > given.accepted:
        raise UsageError("收件日晚于受理日 / --received is later than --accepted")
    if given.approved and given.approved < given.accepted:
        raise UsageError("批准日早于受理日 / --approved is earlier than --accepted")
    for span in given.suspensions:
        if span.start < given.accepted:
            raise UsageError(f"停表始于受理之前 / suspended from {span.start}, before --accepted")


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option}：日期应为 YYYY-MM-DD / {option}: {text!r} is not a date YYYY-MM-DD"
        ) from None


def _span(text: str) -> Suspension:
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(f"--suspend：应为 起..止 / --suspend: {text!r} is not S..R")
    span = Suspension(start=_day("--suspend", start), end=_day("--suspend", end) if end else None)
    if span.end and span.end < span.start:
        raise UsageError(f"--suspend：止早于起 / --suspend: {text!r} ends before it starts")
    return span


def _calendar(profile: Profile, days: Sequence[date]) -> Calendar:
    first, last = min(days).year, max(days).year + YEARS_AHEAD
    if last - first > YEARS_AT_MOST or last > MAXYEAR:
        raise UsageError(f"日期 {max(days)} 太远 / the day {max(days)} lies too far ahead")
    return calendar_for(profile, date(first, 1, 1), date(last, 12, 31))


def _explained(
    found: dict[ClockKind, Clock | None], calendar: Calendar, profile: Profile, as_of: date | None
) -> Told:
    files = calendar_files(profile.calendar, None)
    names = holiday_names(files, calendar.first_day, calendar.last_day)
    divisor = profile.thresholds.warn_divisor
    return {
        kind: explain(clock, calendar, warn_divisor=divisor, as_of=as_of, holidays=names) if clock else None
        for kind, clock in found.items()
    }


def _notes(told: Told, accepted: date) -> dict[ClockKind, str]:
    """What dates alone do not say: why a clock is missing, what the law makes of a late acceptance."""
    notes = {kind: NO_LIMIT[kind] for kind, explained in told.items() if explained is None}
    acceptance = told[ClockKind.ACCEPTANCE]
    if acceptance and acceptance.due and accepted > acceptance.due:
        notes[ClockKind.ACCEPTANCE] = DEEMED.format(day=acceptance.start)
    return notes


def _document(
    profile: Profile, item: Item, calendar: Calendar, told: Told, accepted: date
) -> dict[str, object]:
    return {
        "item": item.code,
        "name": item.name,
        "name_en": item.name_en,
        "profile": profile.id,
        "calendar": {"version": calendar.version, "sha256": calendar.sha256},
        "clocks": {str(kind): _as_json(explained) for kind, explained in told.items()},
        "notes": {str(kind): note for kind, note in _notes(told, accepted).items()},
    }


def _as_json(explained: Explanation | None) -> dict[str, object] | None:
    """The explanation; lamp and days left only where a day was asked for."""
    if explained is None:
        return None
    return explained.model_dump(mode="json", exclude=set() if explained.lamp else {"lamp", "left"})


def _print(item: Item, told: Told, notes: dict[ClockKind, str]) -> None:
    print(f"{item.code} {item.name} / {item.name_en}")
    for kind, explained in told.items():
        print()
        if explained:
            _print_clock(explained)
        if kind in notes:
            print(f"{' / '.join(CLOCKS[kind])}: {notes[kind]}")


def _print_clock(explained: Explanation) -> None:
    print(explained.text_zh)
    print(explained.text_en)
    if explained.lamp is not None:
        zh, en = LAMPS[explained.lamp]
        print(f"灯 / lamp: {zh} / {en}; 剩余 / left: {explained.left}")
    columns = ("日期 / day", "第几日 / n", "说明 / why")
    rows = ((day.day, day.n if day.counted else "", f"{day.zh} / {day.en}") for day in explained.days)
    print_table(columns, rows)
