"""Grants: who may give which to whom, what they allow, and that giving and ending one is on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.db import Ledger, OriginKind, open_database
from ledger.read import entries
from rules.policy import Position, check_grant, standing
from rules.procedures import CASE
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.errors import NotFoundError, UsageError
from schemas.grants import Grant, Scope
from schemas.intake import InquiryRequest
from schemas.profile import Role
from starter.client import YangguangClient
from starter.identity.grants import (
    STREAM,
    end_grant,
    give_grant,
    grant_for,
    grants_in_force,
    grants_of,
    posts_by_grant,
)
from starter.rulebook import load_profile, rules_for
from tests.commands import clean_environment, yangguang
from tests.web.visiting import home_of

PROFILE = load_profile("current")
NOW = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
RULES = rules_for(PROFILE, "LX-LS-01", NOW.date())
HANDLER, CHIEF = "land-use-handler", "land-use-chief"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The ledger of a home, on the tests' own time."""
    home = home_of(tmp_path_factory.mktemp("grants"))
    opened = open_database(home.database_url, home.origin, clock=lambda: NOW)
    yield opened
    opened.close()


def given(ledger: Ledger, **changed: Any) -> Grant:
    """A grant of 1301 to 1401 for three days."""
    terms: dict[str, Any] = {
        "giver": "1301",
        "taker": "1401",
        "scope": Scope(),
        "starts": NOW,
        "ends": NOW + timedelta(days=3),
        "by": "1301",
        "now": NOW,
    }
    return give_grant(ledger, PROFILE, **(terms | changed))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"giver": "7777"}, "unknown_officer"),
        ({"taker": "7777"}, "unknown_officer"),
        ({"taker": "9001"}, "unknown_officer"),  # of the city government, outside the bureau
        ({"taker": "8001"}, "unknown_officer"),  # the auditor writes nothing
        ({"taker": "1301"}, "grant_to_himself"),
        ({"ends": NOW}, "grant_dates"),
        ({"starts": NOW - timedelta(days=9), "ends": NOW - timedelta(days=1)}, "grant_dates"),
    ],
)
def test_what_is_no_grant(ledger: Ledger, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        given(ledger, **changed)
    assert refused.value.code == code


def test_giving_and_ending_a_grant_are_entries(ledger: Ledger) -> None:
    grant = given(ledger, scope=Scope(kinds=("case",)), taker="1402", by="1801")
    for _ in range(2):
        end_grant(ledger, grant.id, by="1301", now=NOW + timedelta(seconds=30))
    with ledger.engine.connect() as connection:
        told = [e.event for e in entries(connection, STREAM) if e.data["grant"]["id"] == grant.id]
        known = {each.id: ended for each, ended in grants_of(connection, "1402")}
    assert [each["type"] for each in told] == ["grant.given", "grant.ended"]
    assert (told[0]["actor"], told[0]["onbehalfof"]) == ("1801", "1301")
    assert told[0]["data"]["grant"]["scope"]["kinds"] == ["case"]
    assert known[grant.id] == NOW + timedelta(seconds=30)
    with pytest.raises(NotFoundError):
        end_grant(ledger, "SQ-none", by="1301", now=NOW)


def test_a_grant_counts_from_its_beginning_to_its_end_and_never_after(ledger: Ledger) -> None:
    later = given(ledger, taker="1501", starts=NOW + timedelta(days=1))
    with ledger.engine.connect() as connection:
        counts = [
            later in grants_in_force(connection, "1501", NOW + timedelta(days=days)) for days in (0, 1, 2, 3)
        ]
        assert counts == [False, True, True, False]
        assert posts_by_grant(connection, PROFILE, "1501", NOW + timedelta(days=1)) == (HANDLER,)
        assert posts_by_grant(connection, PROFILE, "1501", NOW) == ()


def test_a_grant_is_found_by_post_and_scope(ledger: Ledger) -> None:
    grant = given(ledger, taker="1701", scope=Scope(kinds=("inquiry",), acts=("answer",)))
    with ledger.engine.connect() as connection:
        asked = [
            grant_for(connection, PROFILE, "1701", post, act, NOW)
            for post, act in (
                (HANDLER, ("inquiry", "ZX-1", "answer")),
                (HANDLER, ("inquiry", "ZX-1", "guide")),
                (HANDLER, ("case", "LX-1", "answer")),
                (CHIEF, ("inquiry", "ZX-1", "answer")),
                ("nowhere", ("inquiry", "ZX-1", "answer")),
            )
        ]
    assert asked == [grant, None, None, None, None]


def test_a_scope_of_items_leaves_out_matters_of_none() -> None:
    scope = Scope(items=("LX-LS-01",))
    assert scope.covers("case", "LX-LS-01", "note")
    assert not scope.covers("case", "LX-BP-01", "note")
    assert not scope.covers("inquiry", "", "note")
    assert Scope().covers("inquiry", "", "note")


def test_whoever_stands_in_acts_in_the_givers_post_and_both_are_named() -> None:
    found = standing(CASE.table["sign_stage"], _act("1401"), _position(), _grant())
    assert (found.officer, found.post, found.section) == ("1401", HANDLER, "land-use")
    assert (found.on_behalf_of, found.auth_ref) == ("1301", "SQ-1")
    own = standing(CASE.table["sign_stage"], _act("1301"), _position(), _grant(taker="1301"))
    assert (own.on_behalf_of, own.auth_ref) == (None, None)


def test_a_grant_of_somebody_without_the_post_opens_nothing() -> None:
    with pytest.raises(Refusal) as refused:
        standing(CASE.table["sign_stage"], _act("1401"), _position(), _grant(giver="1501"))
    assert refused.value.code == "not_in_post"


@pytest.mark.parametrize("who", ["1401", "1301"])
def test_what_either_of_the_two_has_signed_closes_the_other_roles_to_both(who: str) -> None:
    """Else the reviewer would sign as handler by somebody's hand."""
    position = _position(roles_played=((Role.REVIEWER, who),))
    with pytest.raises(Refusal) as refused:
        standing(CASE.table["sign_stage"], _act("1401"), position, _grant())
    assert refused.value.code == "four_eyes"


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ({"taker": "1402"}, "grant_of_another"),
        ({"starts": NOW + timedelta(hours=1)}, "grant_over"),
        ({"ends": NOW}, "grant_over"),
        ({"scope": Scope(kinds=("inquiry",))}, "grant_scope"),
        ({"scope": Scope(items=("LX-BP-01",))}, "grant_scope"),
        ({"scope": Scope(acts=("decide",))}, "grant_scope"),
    ],
)
def test_a_grant_is_held_to_person_time_and_scope(grant: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_grant(_grant(**grant), _act("1401"), NOW, "case", "LX-LS-01", "sign_stage")
    assert refused.value.code == code


def test_the_command_line_gives_lists_and_ends_grants(tmp_path: Path) -> None:
    env = clean_environment(YANGGUANG_HOME=str(tmp_path / "home"))
    terms = ("--from", "1301", "--to", "1401", "--until", "2099-01-01T00:00:00+08:00", "--kind", "case")
    added = yangguang("grant", "add", *terms, "--as", "1301", "--json", env=env)
    assert added.returncode == 0, added.stderr
    number = json.loads(added.stdout)["id"]
    assert yangguang("grant", "end", number, "--as", "1301", env=env).returncode == 0
    rows = json.loads(yangguang("grant", "list", "--of", "1401", "--json", env=env).stdout)["rows"]
    assert [(row["id"], bool(row["ended"])) for row in rows] == [(number, True)]
    refused = yangguang("grant", "add", *terms[:2], "--to", "1301", *terms[4:], "--as", "1301", env=env)
    assert refused.returncode == 2


def test_sample_homes_only_take_people_at_their_word(tmp_path: Path) -> None:

    asked = InquiryRequest(
        business_key="k", officer="1101", post="window-clerk", topic="怎么办", received_at=NOW
    )
    taken = {}
    for kind in (OriginKind.SAMPLE, OriginKind.REAL):
        home = home_of(tmp_path / kind, kind)
        opened = open_database(home.database_url, home.origin)
        client = YangguangClient(None, opened)  # type: ignore[arg-type]  # no engine is asked
        taken[kind] = client._rules(asked, None, "inquiry").unauthenticated_acts
        opened.close()
    assert taken == {OriginKind.SAMPLE: True, OriginKind.REAL: False}


def _grant(**changed: Any) -> Grant:
    terms: dict[str, Any] = {"id": "SQ-1", "giver": "1301", "taker": "1401"}
    return Grant(**({**terms, "starts": NOW, "ends": NOW + timedelta(days=1)} | changed))


def _act(officer: str) -> Act:
    return Act(id="a", officer=officer, post=HANDLER, opinion="同意")


def _position(**changed: Any) -> Position:
    where = {"stage_post": HANDLER, "stage_role": Role.HANDLER}
    return Position(rules=RULES, state="in_stage", duty=None, **(where | changed))
