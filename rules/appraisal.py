"""Effects on the year-end appraisal (年度考核): points off for cards and findings, and what else follows.

A card is no fault before it is confirmed and a revoked one costs nothing; what is late for its year goes to
the year of the decision, with a note. All numbers are data. Sources: domain 3.9; 公务员法 Art.38, 88.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from schemas.base import Model
from schemas.fault_rules import AppraisalRules

FAILED = "incompetent"
"""不称职: the lowest of the four grades of a year."""

LIVE = frozenset({"open", "rectified"})
"""A card that is absorbed, revoked or not issued yet costs nothing of its own."""


class CardFact(Model):
    """A card as the appraisal sees it."""

    officer: str
    section: str
    colour: str
    """`yellow` or `red`."""
    status: str
    issued_on: date


class FindingFact(Model):
    """A finding that took effect."""

    officer: str
    section: str
    grade: str
    happened_on: date
    decided_on: date
    effective_on: date
    sanction: str = ""
    """Code of a formal sanction; empty: none."""
    revoked: bool = False


class Effect(Model):
    """What a year's cards and findings come to for one person."""

    officer: str
    section: str
    points: int
    """Points off."""
    no_honours: bool
    """优秀 is out of reach: a finding took effect."""
    to_personnel: bool
    """A formal sanction is to be told to personnel."""
    leader_review: bool
    """The leader answering for the section is to be reviewed (一岗双责)."""
    notes: tuple[str, ...] = ()
    """Findings of an earlier, closed year that count in this one, as `<day it happened>`."""


def year_of(finding: FindingFact, closed_on: Mapping[int, date]) -> int:
    """The year a finding counts in: that of the fault, or of the decision if its cycle was closed before."""
    year = finding.happened_on.year
    closed = closed_on.get(year)
    return finding.decided_on.year if closed and finding.effective_on > closed else year


def effects(
    year: int,
    cards: Iterable[CardFact],
    findings: Iterable[FindingFact],
    closed_on: Mapping[int, date],
    rules: AppraisalRules,
) -> tuple[Effect, ...]:
    """Everybody's effects in a year, by staff number; `closed_on` is when each year's cycle was closed."""
    of_year = [card for card in cards if card.issued_on.year == year]
    counted = [each for each in findings if not each.revoked and year_of(each, closed_on) == year]
    people = {(each.officer, each.section) for each in of_year}
    people |= {(each.officer, each.section) for each in counted}
    return tuple(_effect(person, of_year, counted, year, rules) for person in sorted(people))


def _effect(
    person: tuple[str, str],
    cards: Iterable[CardFact],
    findings: Iterable[FindingFact],
    year: int,
    rules: AppraisalRules,
) -> Effect:
    mine = [each for each in findings if (each.officer, each.section) == person]
    served = sum(_card_points(card, rules) for card in cards if (card.officer, card.section) == person)
    return Effect(
        officer=person[0],
        section=person[1],
        points=served + sum(rules.findings.get(each.grade, 0) for each in mine),
        no_honours=bool(mine),
        to_personnel=any(each.sanction for each in mine),
        leader_review=any(each.sanction in rules.leader_review for each in mine),
        notes=tuple(each.happened_on.isoformat() for each in mine if each.happened_on.year != year),
    )


def _card_points(card: CardFact, rules: AppraisalRules) -> int:
    if card.status not in LIVE:
        return 0
    if card.colour == "red":
        return rules.red
    return rules.yellow_rectified if card.status == "rectified" else rules.yellow


def section_hundredths(people: Iterable[Effect], section: str, rules: AppraisalRules) -> int:
    """What a section bears of its people's deductions, in hundredths of a point."""
    return sum(each.points for each in people if each.section == section) * rules.section_percent


def dismissal_due(grades: Iterable[str], rules: AppraisalRules) -> bool:
    """Whether somebody failed so many years running, the last included, that dismissal is considered."""
    return len(list(_failing(reversed(list(grades))))) >= rules.dismissal_years


def _failing(latest_first: Iterable[str]) -> Iterator[str]:
    for grade in latest_first:
        if grade != FAILED:
            return
        yield grade
