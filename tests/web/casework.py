"""Matters put on record entry by entry, as the recorder would, without an engine: what reading pages show.

The story is one mortgage registration of June 2026 and whatever a test adds; dates come from the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from ledger.append import append
from ledger.db import Ledger
from ledger.keys import case_key
from ledger.openings import lookup_digest
from readmodel.project import project
from rules.moments import row_of
from rules.policy import post_of, section_of
from schemas.clocks import SUSPENDABLE, Clock, ClockKind, Limit, Suspension
from schemas.entries import EntryDraft, RecordRequest, SealedField
from schemas.profile import Rules
from starter.rulebook import load_profile, rules_for
from starter.sealing import seal
from tests.ledger.support import provenance

ZONE = ZoneInfo("Asia/Shanghai")
_activities = count(1)


def at(text: str) -> datetime:
    """`06-15 09:00`, local time of 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


@dataclass
class Course:
    """One case as it goes on; every step is recorded at once."""

    ledger: Ledger
    number: str
    item: str = "LX-DJ-01"
    received: str = "06-15 09:30"
    state: str = "received"
    owner: tuple[str, str] = ("1101", "window-clerk")
    stage: str = "W"
    clocks: list[Clock] = field(default_factory=list)
    people: set[tuple[str, str]] = field(default_factory=set)
    accepted: date | None = None
    outcome: str | None = None
    code: str = "ABCD-EFGH"

    @property
    def rules(self) -> Rules:
        """The rules of the item on its first day."""
        sections = ("cards", "reviews")
        return rules_for(load_profile("current"), self.item, at(self.received).date(), sections=sections)

    def register(self, **personal: str) -> Course:
        """收件, with all papers of the list."""
        item = self.rules.item
        assert item is not None
        self.people.add(("owner", self.owner[0]))
        self._start(ClockKind.ACCEPTANCE, self.received, item.acceptance)
        with self.ledger.engine.begin() as connection:
            key = case_key(connection, self.number)
        sealed = seal(key, {"name": "海川机械厂", "phone": "13800001234", **personal})
        papers = [{"code": each.code, "pages": 2, "sha256": None} for each in item.materials]
        self.say("case.registered", self.received, "register", sealed=sealed, materials=papers)
        return self

    def accept(self, when: str = "06-15 09:40") -> Course:
        """受理: the decision limits start."""
        item = self.rules.item
        assert item is not None
        self.accepted, self.state = at(when).date(), "in_stage"
        self._stop(ClockKind.ACCEPTANCE, when)
        self._start(ClockKind.STATUTORY, when, item.statutory)
        self._start(ClockKind.PROMISE, when, item.promise)
        self._start(ClockKind.STAGE, when, item.stages[0].limit, ref="W")
        self.say("case.accepted", when, "accept", opinion="材料齐全")
        return self

    def sign(self, when: str, *, agrees: bool = True, opinion: str = "同意", **more: Any) -> Course:
        """The current stage is signed by its post's A officer; the next one waits for its own."""
        item = self.rules.item
        assert item is not None
        n = [each.code for each in item.stages].index(self.stage)
        post = post_of(self.rules, item.stages[n].post)
        following = item.stages[n + 1]
        waits = post_of(self.rules, following.post)
        assert post is not None
        assert waits is not None
        self.owner, self.stage = (post.a, post.code), following.code
        self.people |= {("owner", post.a), (item.stages[n].role.value, post.a)}
        self.people = {each for each in self.people if each[0] != "offered"}
        self.people |= {("offered", who) for who in (waits.a, waits.b) if who}
        self._stop(ClockKind.STAGE, when)
        self._stop(ClockKind.HANDOVER, when)
        limit, ref = self.rules.thresholds.handover, f"stage:{following.code}"
        self.clocks.append(
            Clock(
                kind=ClockKind.HANDOVER,
                ref=ref,
                start=at(when).date(),
                limit=limit,
                owner=waits.a,
                post=waits.code,
            )
        )
        signed = item.stages[n].code
        self.say(
            "case.stage_signed", when, "sign_stage", opinion=opinion, agrees=agrees, stage=signed, **more
        )
        return self

    def take_over(self, when: str) -> Course:
        """The stage's owner confirms receipt."""
        item = self.rules.item
        assert item is not None
        stage = next(each for each in item.stages if each.code == self.stage)
        post = post_of(self.rules, stage.post)
        assert post is not None
        self.owner = (post.a, post.code)
        self.people = {each for each in self.people if each[0] != "offered"} | {("owner", post.a)}
        self._stop(ClockKind.HANDOVER, when)
        self._start(ClockKind.STAGE, when, stage.limit, ref=stage.code)
        self.say("case.stage_taken", when, "take_over", stage=stage.code)
        return self

    def suspend(self, when: str, ground: str = "appraisal", days: int = 10) -> Course:
        """停表."""
        pause = Suspension(start=at(when).date(), ground=ground)
        self.clocks = [
            each.model_copy(update={"suspensions": (*each.suspensions, pause)})
            if each.kind in SUSPENDABLE and not each.stopped_on
            else each
            for each in self.clocks
        ]
        self.state = "suspended"
        self._start(ClockKind.SPECIAL, when, Limit(n=days), ref=ground)
        self.say("case.suspended", when, "suspend", opinion="同意", ground=ground, expected_days=days)
        return self

    def resume(self, when: str) -> Course:
        """恢复计时."""
        end = at(when).date()
        self.clocks = [
            each.model_copy(
                update={
                    "suspensions": tuple(
                        s if s.end else s.model_copy(update={"end": end}) for s in each.suspensions
                    )
                }
            )
            for each in self.clocks
        ]
        self._stop(ClockKind.SPECIAL, when)
        self.state = "in_stage"
        self.say("case.resumed", when, "resume", document="评估报告 1 号", ground="appraisal")
        return self

    def decide(self, when: str, outcome: str = "granted", **more: Any) -> Course:
        """决定."""
        self.state = self.outcome = outcome
        self._stop(ClockKind.STATUTORY, when)
        said = {"opinion": "准予登记", "outcome": outcome, "stage": self.stage}
        self.say("case.decided", when, "decide", **{**said, **more})
        return self

    def close(self, when: str) -> Course:
        """Everything stops."""
        for kind in ClockKind:
            self._stop(kind, when)
        self.state = "closed"
        self.say("case.closed", when, "deliver")
        return self

    def refused(self, when: str, act: str, officer: str, told: str) -> Course:
        """An act that was refused, and is on record."""
        more: dict[str, Any] = {"actor": officer, "role": "unverified", "refused": "stale", "told": told}
        self.say("act.refused", when, act, **more)
        return self

    def say(
        self,
        kind: str,
        when: str,
        act: str = "",
        *,
        actor: str = "",
        role: str = "",
        sealed: tuple[SealedField, ...] = (),
        recorded: str = "",
        **data: Any,
    ) -> None:
        """Record one entry as a workflow would have it."""
        moment, rules = at(when), self.rules
        draft = EntryDraft(
            type=kind,
            time=moment,
            actor=actor or self.owner[0],
            role=role or "staff",
            on_behalf_of=data.pop("on_behalf_of", None),
            sealed=sealed,
            data={
                "act": act,
                "actid": f"{self.number}-{next(_activities)}",
                "post": self.owner[1],
                "ruleprofile": f"{rules.profile}@{rules.profile_version}",
                "rulehash": rules.profile_sha256,
                "view": self._view(),
                "clocks": [row_of(clock, rules) for clock in self.clocks],
                **data,
            },
        )
        request = RecordRequest(
            matter=self.number,
            now=at(recorded or when) + timedelta(seconds=1),
            history_length=7,
            entries=(draft,),
        )
        with self.ledger.engine.begin() as connection:
            origin = provenance(self.number, str(next(_activities)))
            append(self.ledger, connection, request, origin, project)

    def _view(self) -> dict[str, Any]:
        rules = self.rules
        due = {c.kind: row_of(c, rules)["due"] for c in self.clocks}
        return {
            "kind": "case",
            "state": self.state,
            "owner": self.owner[0],
            "owner_post": self.owner[1],
            "section": section_of(rules, self.owner[1]),
            "people": [list(each) for each in sorted(self.people)],
            "business_key": f"key-{self.number}",
            "item": self.item,
            "channel": "window",
            "stage": self.stage,
            "received_day": at(self.received).date().isoformat(),
            "accepted_day": self.accepted.isoformat() if self.accepted else None,
            "promise_due": due.get(ClockKind.PROMISE),
            "statutory_due": due.get(ClockKind.STATUTORY),
            "outcome": self.outcome,
            "lookup_digest": lookup_digest(self.number, self.code),
            "closed": self.state == "closed",
        }

    def _start(self, kind: ClockKind, when: str, limit: Limit | None, ref: str = "") -> None:
        if limit is not None:
            clock = Clock(kind=kind, ref=ref, start=at(when).date(), limit=limit, owner=self.owner[0])
            self.clocks.append(clock.model_copy(update={"post": self.owner[1]}))

    def _stop(self, kind: ClockKind, when: str) -> None:
        stop = {"stopped_on": at(when).date(), "stopped_at": at(when)}
        self.clocks = [
            each.model_copy(update=stop) if each.kind is kind and not each.stopped_on else each
            for each in self.clocks
        ]
