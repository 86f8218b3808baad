"""Irregularities besides lateness: which triggers an entry meets, and whose card is to be proposed.

They accuse nobody: a met trigger leads to one proposed card a matter, trigger and person, which the
supervision office confirms or dismisses. Sources: domain 3.1 column A; electronic-monitoring rules on kinds
of violations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import JsonValue

from rules.calendar import next_workday
from rules.cards import people, post_of_officer
from schemas.card_rules import CardRules, Recipient, Trigger
from schemas.clocks import Calendar
from schemas.entries import EntryDraft
from schemas.matters import Card, CardStatus
from schemas.profile import Rules

ANY = "*"
LATE_DAYS = "latedays"
"""Where an entry says how many working days after the fact it was made."""

YEAR = 250
"""Working days; what is older is not counted on."""


def matching(rules: CardRules | None, kind: str, data: Mapping[str, JsonValue]) -> Iterator[Trigger]:
    """The triggers that an entry of type `kind` with these data meets, in the order of the profile."""
    for trigger in rules.triggers if rules else ():
        if trigger.on in (ANY, kind) and _says(trigger, data):
            yield trigger


def _says(trigger: Trigger, data: Mapping[str, JsonValue]) -> bool:
    words = all(
        data.get(key) in (wanted if isinstance(wanted, tuple) else (wanted,))
        for key, wanted in trigger.where.items()
    )
    return words and all(_number(data.get(key)) >= n for key, n in trigger.at_least.items())


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def concerned(trigger: Trigger, draft: EntryDraft, rules: Rules) -> str:
    """Staff number of whoever the card would be for; empty where it is nobody of the bureau.

    The person a refusal names is as unverified as he came: whether it was he is for the office to find out.
    """
    officer = draft.actor if trigger.to is Recipient.ACTOR else draft.on_behalf_of or draft.actor
    post = post_of_officer(rules, officer)
    return next(iter(people((trigger.to,), officer, post, rules)), "") if post else ""


def proposed(number: str, trigger: Trigger, person: str, draft: EntryDraft, day: date) -> Card:
    """The card a trigger proposes; it is issued only once it is confirmed.

    Args:
        number: of the card.
        trigger: what was met.
        person: whom it concerns.
        draft: the entry that shows it.
        day: local day of that entry.
    """
    return Card(
        id=number,
        code=trigger.card or "",
        cause=trigger.code,
        fault=trigger.fault,
        basis=trigger.basis,
        breached_at=draft.time,
        issue_day=day,
        addressees=(person,),
        status=CardStatus.PROPOSED,
    )


def lead_about(trigger: Trigger, person: str, about: tuple[str, str], seq: int) -> dict[str, JsonValue]:
    """The lead that a trigger without a card opens: what an entry showed, and of whom. No finding.

    Args:
        trigger: what was met.
        person: whom it concerns.
        about: (kind, number) of the matter.
        seq: place in its chain of the entry that shows it.
    """
    kind, number = about
    return {
        "source": "supervision_check",
        "codes": [trigger.fault],
        "about": {"kind": kind, "number": number},
        "accused": [person],
        "text": f"{trigger.name} / {trigger.name_en}",
        "evidence": [{"kind": kind, "number": number, "seq": seq}],
    }


def late_days(calendar: Calendar, happened: date, told: date) -> int:
    """Working days after the day of the fact until it was told, at most `YEAR`; 0 where it was that day."""
    count, day = 0, happened
    while count < YEAR and (day := next_workday(calendar, day)) <= told:
        count += 1
    return count
