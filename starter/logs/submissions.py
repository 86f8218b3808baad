"""From a case of a log to what the engine gets: the start of a case, and its acts.

The rules a case of the past is run under are its own: the item's stages, the promise, the log's
deadline and the calendar of its place. Its organisation is not ours, so no post is pinned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import local_day
from rules.facts import digest_of
from rules.policy import UNKNOWN_POST
from rules.procedures import CASE
from schemas.acts import PastAct, PastActs
from schemas.clocks import Limit, ReceiptRoll, Unit
from schemas.errors import UsageError
from schemas.matters import CaseInput, TimeSource
from schemas.profile import Fee, Item, ItemType, Rules, Stage
from starter.logs.cases import Event, LogCase
from starter.logs.days import calendar_of
from starter.logs.mapping import ActOf, LogItem, Mapping, check_acts
from starter.rulebook import item_of, load_profile

CHUNK = 50
"""Acts in one call to the engine."""

NOTE = ActOf(act="note")
_LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Submission:
    """One case, ready to be sent: its start, and its acts in portions of one call each."""

    start: CaseInput
    events: tuple[Event, ...]
    portions: tuple[PastActs, ...]


def submission(case: LogCase, mapping: Mapping, item: Item, until: datetime) -> Submission:
    """Everything the engine is told of a case; `until` is the end of the log."""
    rules = _rules(case, mapping, item)
    start = CaseInput(
        id=case.number,
        business_key=case.number,
        digest=_digest(case, rules),
        rules=rules,
        channel=case.channel,
        officer=case.officer,
        post=case.post,
        received_at=case.received_at,
        source=TimeSource.IMPORT,
        statutory_at=case.deadline,
    )
    acts = [
        *(_act(event, mapping.acts.get(event.activity, NOTE)) for event in case.events),
        _end(case, until),
    ]
    return Submission(start, case.events, tuple(_portions(start.digest, acts)))


def item_for(mapping: Mapping, promise: int) -> Item:
    """The mapping's item as a log can show it: stages and promise, nothing else runs against anybody.

    Raises UsageError (`unknown_profile`, `unknown_item`, `invalid_mapping`).
    """
    if isinstance(mapping.item, LogItem):
        item = _described(mapping.item)
    else:
        item = item_of(load_profile(mapping.profile), mapping.item)
        try:
            check_acts(mapping.acts, tuple(stage.code for stage in item.stages), item.decision_stage)
        except ValueError as error:
            raise UsageError(f"{mapping.name}: acts: {error}", code="invalid_mapping") from error
    # A log has no act of acceptance: work begins, and the promise runs, on the received day.
    limits = {
        "promise": Limit(n=promise, basis=f"mapping {mapping.name}"),
        "statutory": None,
        "delivery": None,
    }
    return item.model_copy(update={"type": ItemType.INTERNAL, **limits})


def _described(item: LogItem) -> Item:
    none = Limit(n=0)
    stages = tuple(
        Stage(
            code=stage.code,
            name=stage.name,
            name_en=stage.name_en,
            role=stage.role,
            post=UNKNOWN_POST,
            limit=none,
        )
        for stage in item.stages
    )
    return Item(
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        type=ItemType.INTERNAL,
        basis=item.basis,
        acceptance=none,
        statutory=None,
        promise=None,
        delivery=None,
        stages=stages,
        decision_stage=item.decision_stage,
        fee=Fee(),
    )


def _rules(case: LogCase, mapping: Mapping, item: Item) -> Rules:
    promise = item.promise.n if item.promise else 0
    received = case.received_at.astimezone(mapping.zone).date()
    profile = load_profile(mapping.profile)
    thresholds = profile.thresholds
    return Rules(
        profile=mapping.name,
        profile_version=mapping.version,
        profile_sha256=mapping.digest,
        item=item.model_copy(update={"statutory": _statutory(case, mapping, received)}),
        thresholds=thresholds.model_copy(update={"receipt_roll": ReceiptRoll.NONE}),
        # of the past nobody is accused today: which limits are cards, and no triggers
        cards=profile.cards.model_copy(update={"triggers": ()}),
        calendar=calendar_of(mapping, received, promise),
    )


def _statutory(case: LogCase, mapping: Mapping, received: date) -> Limit | None:
    """The log's deadline in days, for lamps; what decides is the instant (`statutory_at`)."""
    if case.deadline is None:
        return None
    days = (case.deadline.astimezone(mapping.zone).date() - received) // timedelta(days=1)
    basis = mapping.columns.deadline or ""
    return Limit(n=min(max(days, 0), _LONGEST_DAYS), unit=Unit.CALENDAR_DAY, basis=basis, rolls=False)


def _digest(case: LogCase, rules: Rules) -> str:
    """What makes it the same submission: the case's own facts, and the rules it is measured by."""
    item = rules.item.model_dump(mode="json") if rules.item else {}
    return digest_of(
        {
            "number": case.number,
            "received_at": case.received_at.timestamp().hex(),
            "deadline": case.deadline.timestamp().hex() if case.deadline else None,
            "channel": case.channel.value,
            "responsible": [case.officer, case.post],
            "item": item,
            "calendar": rules.calendar.sha256,
            "received_day": str(local_day(rules.calendar, case.received_at)),
        }
    )


def _act(event: Event, meant: ActOf) -> PastAct:
    fields: dict[str, object] = {
        "id": event.id,
        "officer": event.officer,
        "post": event.post,
        "reason": event.activity,
        "received_at": event.at,
    }
    if meant.stage:
        fields["stage"] = meant.stage
    if meant.act == "decide":
        fields["outcome"] = meant.outcome
    return _past(meant.act, fields)


def _end(case: LogCase, until: datetime) -> PastAct:
    fields = {"id": f"end_of_log/{case.number}", "officer": "system", "post": "system", "until": until}
    return _past("end_of_log", fields)


def _past(name: str, fields: dict[str, object]) -> PastAct:
    message = CASE.table[name].payload.model_validate(fields)
    return PastAct(name=name, message=message.model_dump(mode="json", exclude_defaults=True))


def _portions(digest: str, acts: list[PastAct]) -> Iterator[PastActs]:
    for start in range(0, len(acts), CHUNK):
        yield PastActs(digest=digest, acts=tuple(acts[start : start + CHUNK]))
