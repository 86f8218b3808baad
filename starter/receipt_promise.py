"""The promised date of a receipt, day by day; derived from the rules the registration names, or not at all.

Whoever checks a receipt derives it once more. A calendar that has been published since may move a date that
was provisional then: the receipt names the calendar it counted on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.receipt import ReceiptError
from rules.calendar import holiday_names
from rules.explain import Explanation, explain
from schemas.clocks import Calendar, Clock, ClockKind, Limit
from schemas.errors import UsageError
from schemas.profile import Profile, Rules
from schemas.receipts import DayPart, PromisePart, ReceiptDocument
from starter.profile_files import calendar_files
from starter.rulebook import load_profile, rules_for

Data = dict[str, Any]
"""The data of a registration's leaf."""


def promise_of(data: Data) -> PromisePart | None:
    """The date promised at registration; None where none was, or the rules named there are not installed."""
    found = _rules(data)
    if found is None:
        return None
    profile, rules = found
    limit = rules.item.promise if rules.item else _reply(data, rules)
    return _derived(profile, rules, limit, data) if limit else None


def check_promise(document: ReceiptDocument, data: Data) -> bool:
    """Whether the promised date could be derived again; False where rules or calendar are not installed.

    Raises ReceiptError (`receipt_promise`) where another date, or another way to it, comes out.
    """
    said = document.promise
    if said is None:
        return False
    if said.profile_sha256 != data.get("rulehash"):
        raise ReceiptError(
            "承诺日期所据规则与登记不符 / the date rests on other rules than the entry names",
            code="receipt_promise",
        )
    if _rules(data) is None:
        return False
    derived = promise_of(data)
    if derived is None or derived.calendar_sha256 == said.calendar_sha256:
        if derived != said:
            raise ReceiptError(
                "承诺日期或其推算不符 / another promised date, or another way to it, follows from the rules",
                code="receipt_promise",
            )
        return True
    return False


def _rules(data: Data) -> tuple[Profile, Rules] | None:
    """The installed rules, if they are the ones the registration was made under."""
    name, item = str(data.get("ruleprofile", "")).rpartition("@")[0], data["view"].get("item")
    try:
        profile = load_profile(name)
        rules = rules_for(profile, item, date.fromisoformat(data["view"]["received_day"]))
    except (UsageError, ValueError, KeyError, TypeError):
        return None
    return (profile, rules) if profile.sha256 == data.get("rulehash") else None


def _reply(data: Data, rules: Rules) -> Limit | None:
    """An inquiry is answered in time where there is somebody to answer to."""
    return rules.thresholds.inquiry_reply if data["view"].get("promise_due") else None


def _derived(profile: Profile, rules: Rules, limit: Limit, data: Data) -> PromisePart:
    start, calendar = date.fromisoformat(data["view"]["received_day"]), rules.calendar
    names = holiday_names(calendar_files(profile.calendar, None), calendar.first_day, calendar.last_day)
    clock = Clock(kind=ClockKind.PROMISE, start=start, limit=limit)
    told = explain(clock, calendar, warn_divisor=rules.thresholds.warn_divisor, holidays=names)
    return _part(told, rules, calendar)


def _part(told: Explanation, rules: Rules, calendar: Calendar) -> PromisePart:
    days = (
        DayPart(day=each.day.isoformat(), counted=each.counted, n=each.n, zh=each.zh, en=each.en)
        for each in told.days
    )
    return PromisePart(
        day=told.due.isoformat() if told.due else "",
        provisional=told.provisional,
        zh=told.text_zh,
        en=told.text_en,
        days=tuple(days),
        profile=f"{rules.profile}@{rules.profile_version}",
        profile_sha256=rules.profile_sha256,
        calendar=f"{calendar.jurisdiction}@{calendar.version}",
        calendar_sha256=calendar.sha256,
    )
