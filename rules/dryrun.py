"""Policy dry-run: how many cases would have turned yellow or red, had other limits governed them.

The same facts (`rules.dryrun_facts`) can be held against the profile in force and against a draft. What it
cannot know it does not guess: people are taken to have worked as they did, and a case whose stages are not
those of the profile is counted as not to be judged, unless a limit that can be judged has passed already.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.calendar import start_of_day
from rules.dryrun_facts import CaseFacts, Ran
from rules.moments import deadline_of, expiry_of
from schemas.base import Model
from schemas.clocks import Clock, ClockKind, Lamp, Limit
from schemas.profile import Rules


class Verdict(Model):
    """What a case would have come to."""

    lamp: Lamp | None
    """GREEN, YELLOW or RED; None: it cannot be judged."""
    unmatched: tuple[str, ...] = ()
    """Stages that the case had and the rules have not, or the other way round."""


def judge(facts: CaseFacts, rules: Rules, until: datetime | None) -> Verdict:
    """The worst lamp a case would have shown under `rules`; what still runs is looked at as of `until`.

    A case on a time of its own (from a log, or of a simulation: `until` is None) stands at its last entry.
    """
    unmatched = tuple(_unmatched(facts, rules))
    end = facts.last_at if facts.imported or until is None else until
    lamps = {_lamp(ran, limit, rules, end) for ran, limit in _limits(facts, rules)}
    if Lamp.RED in lamps:
        return Verdict(lamp=Lamp.RED, unmatched=unmatched)
    if unmatched:
        return Verdict(lamp=None, unmatched=unmatched)
    return Verdict(lamp=Lamp.YELLOW if Lamp.YELLOW in lamps else Lamp.GREEN)


def _limits(facts: CaseFacts, rules: Rules) -> Iterator[tuple[Ran, Limit]]:
    """The clocks that these rules give a length, with it."""
    for ran in facts.ran:
        limit = _limit(ran, rules)
        if limit is not None:
            yield ran, limit


def _limit(ran: Ran, rules: Rules) -> Limit | None:
    item = rules.item
    if item is None:
        return None
    match ran.kind:
        case ClockKind.STAGE:
            return next((stage.limit for stage in item.stages if stage.code == ran.ref), None)
        case ClockKind.HANDOVER:
            return rules.thresholds.handover
        case ClockKind.ACCEPTANCE:
            return item.acceptance
        case ClockKind.STATUTORY:
            return item.statutory
        case ClockKind.PROMISE:
            return item.promise
        case _:
            return item.delivery


def _unmatched(facts: CaseFacts, rules: Rules) -> Iterator[str]:
    """Stages without a counterpart; of a log no stage was timed, and of an open case some are to come."""
    if facts.imported or rules.item is None:
        return
    own = dict.fromkeys(ran.ref for ran in facts.ran if ran.kind is ClockKind.STAGE)
    had, wanted = own | dict.fromkeys(facts.stages), [stage.code for stage in rules.item.stages]
    yield from (code for code in had if code not in wanted)
    if facts.decided:
        deciding = rules.item.decision_stage or wanted[-1]
        needed = wanted[: wanted.index(deciding) + 1]
        yield from (code for code in needed if code not in had)


def _lamp(ran: Ran, limit: Limit, rules: Rules, until: datetime) -> Lamp:
    """The worst lamp a clock showed before it was stopped, or until now: as the engine tells them."""
    clock = Clock(
        kind=ran.kind,
        ref=ran.ref,
        start=ran.start,
        limit=limit,
        extension=ran.extension,
        suspensions=ran.suspensions,
        started_at=ran.started_at,
    )
    end, expiry = ran.stopped_at or until, expiry_of(clock, rules)
    if expiry is not None and end >= expiry:
        return Lamp.RED
    yellow = deadline_of(clock, rules).yellow_from
    told = yellow is not None and limit.n + ran.extension > 0
    if told and yellow is not None and start_of_day(rules.calendar, yellow) <= end:
        return Lamp.YELLOW
    return Lamp.GREEN
