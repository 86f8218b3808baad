"""What a visitor may do now in a matter, told from rules and read model, and why not where he may not.

The same table and the same question (`rules.policy.standing`) as in the kernel, asked of what is on record.
It decides what a page offers, never what counts: the matter itself judges every act again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ledger.entry import Entry
from readmodel.query import MatterRow
from rules.policy import Position, check_state, standing
from rules.procedures import PROCEDURES, ActRule, By
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.grants import Grant
from schemas.matters import Duty
from schemas.profile import Role, Rules
from web.names import Words

NOT_HERE = frozenset({"adopt_calendar", "adopt_profile", "end_of_log", "seal"})
"""Acts that no form of a case page makes: rules are released elsewhere, sealing needs a key."""

OFFERS = ("duty.offered", "duty.designated")


@dataclass(frozen=True)
class Offered:
    """An act of the table: in which of his posts the visitor may do it now, or why in none."""

    name: str
    words: Words
    posts: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Offers:
    """All acts of a matter for one visitor."""

    possible: tuple[Offered, ...] = ()
    barred: tuple[Offered, ...] = ()
    """Possible in this state, but not for him."""

    def posts_for(self, name: str) -> tuple[str, ...]:
        """In which posts he may do an act; none where he may not."""
        return next((each.posts for each in self.possible if each.name == name), ())


@dataclass(frozen=True)
class Actor:
    """Somebody who would act: his own posts, and the grants by which he stands in for others."""

    officer: str
    posts: tuple[str, ...]
    grants: tuple[Grant, ...] = ()

    def capacities(self, rules: Rules, kind: str, item: str, act: str) -> Iterator[tuple[str, Grant | None]]:
        """(post, grant) in which he may try an act, his own posts first."""
        yield from ((post, None) for post in self.posts)
        for grant in self.grants:
            if grant.scope.covers(kind, item, act):
                held = (post.code for post in rules.posts if grant.giver in (post.a, post.b))
                yield from ((code, grant) for code in held if code not in self.posts)


def offers(row: MatterRow, timeline: Sequence[Entry], rules: Rules | None, actor: Actor) -> Offers:
    """What somebody may do now."""
    procedure = PROCEDURES.get(row.kind or "")
    if procedure is None or rules is None or row.closed:
        return Offers()
    position = position_of(row, timeline, rules)
    asked = [
        _asked(name, rule, position, actor, (row.kind or "", row.item or ""))
        for name, rule in procedure.table.items()
        if _is_meant(name, rule, row, rules, position.state)
    ]
    possible = tuple(each for each in asked if each.posts)
    return Offers(possible, tuple(each for each in asked if not each.posts))


def _is_meant(name: str, rule: ActRule, row: MatterRow, rules: Rules, state: str) -> bool:
    """Whether an act belongs on this page in this state; of signing and deciding a stage knows one."""
    if name in NOT_HERE or rule.by is By.SYSTEM:
        return False
    with suppress(Refusal):
        check_state(rule, state, PROCEDURES[row.kind or ""])
        return name != _other_signature(row, rules)
    return False


def _other_signature(row: MatterRow, rules: Rules) -> str:
    """Of a stage that decides, plain signing is not meant; of another, deciding is not."""
    if rules.item is None:
        return ""
    deciding = rules.item.decision_stage or rules.item.stages[-1].code
    return "sign_stage" if row.stage == deciding else "decide"


def _asked(name: str, rule: ActRule, position: Position, actor: Actor, about: tuple[str, str]) -> Offered:
    words, may, why = Words(rule.zh, rule.en), list[str](), ""
    for post, grant in actor.capacities(position.rules, *about, name):
        try:
            standing(rule, Act(id="-", officer=actor.officer, post=post), position, grant)
            may.append(post)
        except Refusal as refusal:
            why = why or refusal.message
    return Offered(name, words, tuple(dict.fromkeys(may)), "" if may else why)


def position_of(row: MatterRow, timeline: Sequence[Entry], rules: Rules) -> Position:
    """Who may act: what the entries say of duty, stage, offer and the people named."""
    stage = next((s for s in rules.item.stages if s.code == row.stage), None) if rules.item else None
    people = tuple(row.people or ())
    duty = None
    if row.owner and row.owner_post:
        duty = Duty(officer=row.owner, post=row.owner_post, since=_since(timeline))
    stage_post = stage_post_of(timeline, stage.post, str(row.stage)) if stage else ""
    return Position(
        rules=rules,
        state=row.state or "",
        duty=duty,
        stage_post=stage_post,
        stage_role=stage.role if stage else None,
        offered_post=_offered(people, timeline, rules, stage_post),
        roles_played=tuple(_roles_played(people)),
        people=people,
    )


def stage_post_of(timeline: Sequence[Entry], post: str, stage: str) -> str:
    """Owner post of the current stage: the item's, or whoever accepted a hand-over of it since."""
    for entry in timeline:
        if entry.type == "duty.accepted" and entry.data.get("view", {}).get("stage") == stage:
            post = str(entry.data.get("post", post))
    return post


def _since(timeline: Sequence[Entry]) -> datetime:
    return datetime.fromisoformat(timeline[-1].event["time"])


def _offered(
    people: Iterable[tuple[str, str]], timeline: Sequence[Entry], rules: Rules, stage_post: str
) -> str:
    """The post a hand-over or a stage waits for: its officers stand in the file as `offered`."""
    waiting = {who for capacity, who in people if capacity == "offered"}
    if not waiting:
        return ""
    named = [str(entry.data["to"]) for entry in timeline if entry.type in OFFERS and "to" in entry.data]
    likely = [*named[-1:], stage_post, *(post.code for post in rules.posts)]
    holders = {post.code: {who for who in (post.a, post.b) if who} for post in rules.posts}
    return next((code for code in likely if holders.get(code) == waiting), "")


def _roles_played(people: Iterable[tuple[str, str]]) -> Iterator[tuple[Role, str]]:
    for capacity, who in people:
        with suppress(ValueError):
            yield Role(capacity), who
