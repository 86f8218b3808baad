"""An act through a desk carries its assertion: checked by the matter, recorded whole, forged by nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from joserfc import jws

from ledger.entry import Entry
from rules.assertions import vouched
from rules.facts import said_in
from schemas.errors import NotFoundError, NotPermittedError, YangguangError
from schemas.grants import Scope
from schemas.profile import Rules
from starter.acting import do_act
from starter.desk import Desk
from starter.identity.grants import end_grant, give_grant, grants_of
from starter.identity.keys import desk_keys, public_keys
from starter.identity.visitor import Visitor, VisitorKind
from starter.identity.vouching import Voucher, client_for
from starter.rulebook import load_profile
from tests.web.visiting import home_of
from tests.workflows.house import ITEMS, File, House, application, at

ITEM = "LX-LS-01"
LOOP = pytest.mark.asyncio(loop_scope="session")
pytestmark = LOOP


@dataclass(frozen=True)
class Office:
    """A desk at which people sign in, over a matter of the bureau."""

    desk: Desk
    file: File

    def of(self, officer: str) -> Visitor:
        """Somebody who has signed in."""
        now = at("06-15 09:00")
        return Visitor(
            VisitorKind.OFFICER, officer, session="handle", signed_in_at=now, proven_at=now, how="oidc"
        )

    async def act(self, officer: str, name: str, post: str, **said: Any) -> dict[str, Any]:
        """Do an act through the desk; gives the event that is recorded of it."""
        key = f"desk-{name}-{len(self.file.entries())}"
        fields = {"id": key, "post": post, **said}
        await do_act(self.desk, self.of(officer), "case", self.file.number, name, fields)
        return next(e.event for e in self.file.entries() if e.data.get("actid") == key)


async def opened(house: House, folder: Path, rules: Callable[[Rules], Rules] = lambda rules: rules) -> Office:
    """A desk and a matter that began at it, where nobody is taken at his word."""
    home = home_of(folder)

    def strict(known: Rules) -> Rules:
        keys = {"desk_keys": public_keys(home), "unauthenticated_acts": False}
        return rules(known.model_copy(update=keys))

    client = house.desk(strict)
    desk = Desk(home, house.ledger, client, load_profile("current"), now=lambda: at("06-15 09:05"))
    client.voucher = Voucher(desk, desk_keys(home), Visitor(VisitorKind.OFFICER, "1101", how="oidc"))
    receipt = await client.start_case(application(ITEMS[ITEM], received_at=at("06-15 09:00")))
    client.voucher = None
    return Office(desk, File(house, client, "case", receipt, ITEMS[ITEM]))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(house: House, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One desk and one matter for most of these tests."""
    return await opened(house, tmp_path_factory.mktemp("desk"))


async def test_what_a_signed_in_officer_does_is_recorded_with_the_desks_assertion(here: Office) -> None:
    event = await here.act("1101", "note", "window-clerk", opinion="已核对")
    assert event["data"]["authenticated"] is True
    claims = _claims(here, event)
    assert (claims["amr"], claims["sid"]) == ("oidc", "handle")
    assert claims["auth_time"] == int(at("06-15 09:00").timestamp())
    registered = here.file.entries("case.registered")[0]
    assert registered.data["authenticated"] is True


async def test_a_bare_statement_of_who_one_is_does_not_count_where_the_rules_say_so(
    here: Office, house: House
) -> None:
    refused = await here.file.refused("unauthenticated", "note", "window-clerk", opinion="本人")
    assert refused.data["assertion"] == "unauthenticated"
    with pytest.raises(NotPermittedError) as turned_away:
        await house.case(rules=lambda known: known.model_copy(update={"unauthenticated_acts": False}))
    assert turned_away.value.code == "unauthenticated"


async def test_the_rules_may_name_acts_that_need_no_assertion(house: House, tmp_path: Path) -> None:
    here = await opened(
        house, tmp_path, lambda known: known.model_copy(update={"unauthenticated_for": ("note",)})
    )
    await here.file.act("note", "window-clerk", opinion="电话告知")
    assert "authenticated" not in here.file.entries("case.noted")[-1].data
    await here.file.refused("unauthenticated", "take_over", "window-clerk")


async def test_an_assertion_serves_no_other_act_matter_or_officer(here: Office) -> None:
    voucher, before = Voucher(here.desk, desk_keys(here.desk.home), here.of("1101")), len(_noted(here))
    message = here.file.message("note", "window-clerk", opinion="同意")
    good = voucher.act("case", here.file.number, "note", message)
    for forged in (
        good.model_copy(update={"opinion": "不同意"}),
        good.model_copy(update={"officer": "1102"}),
        good.model_copy(update={"id": "another"}),
        good.model_copy(update={"assertion": good.assertion[:-4] + "AAAA"}),
        message.model_copy(
            update={"assertion": voucher.act("case", "LX-2037-999999", "note", message).assertion}
        ),
    ):
        with pytest.raises(YangguangError) as refused:
            await here.file.desk.act("case", here.file.number, "note", forged)
        assert refused.value.code in ("bad_assertion", "act_id_conflict")
    assert len(_noted(here)) == before


async def test_a_strange_desk_is_nobody_here(here: Office, tmp_path: Path) -> None:
    strange = home_of(tmp_path / "elsewhere")
    signed = Voucher(here.desk, desk_keys(strange), here.of("1101"))
    message = signed.act(
        "case", here.file.number, "note", here.file.message("note", "window-clerk", opinion="同意")
    )
    await here.file.refuse("unauthenticated", "note", message)


async def test_an_act_sent_again_after_a_new_sign_in_is_the_same_act(here: Office) -> None:
    message = here.file.message("note", "window-clerk", opinion="已核对")
    receipts = [
        await client_for(here.desk, replace(here.of("1101"), session=session)).act(
            "case", here.file.number, "note", message
        )
        for session in ("one", "two")
    ]
    assert receipts[0] == receipts[1]
    assert [each.data["actid"] for each in _noted(here)].count(message.id) == 1


async def test_an_officer_cannot_have_the_desk_vouch_for_another(here: Office) -> None:
    client = client_for(here.desk, here.of("1401"))
    with pytest.raises(NotPermittedError) as refused:
        await client.act("case", here.file.number, "note", here.file.message("note", "window-clerk"))
    assert refused.value.code == "not_you"


async def test_a_grant_puts_both_names_on_the_act(here: Office) -> None:
    grant = _grant(here, Scope(kinds=("case",), items=(ITEM,), acts=("note", "take_over")))
    event = await here.act("1401", "note", "window-clerk", opinion="代为核对")
    assert (event["actor"], event["onbehalfof"], event["authref"]) == ("1401", "1101", grant)
    assert _claims(here, event)["grant"] == grant
    with pytest.raises(NotPermittedError) as outside:
        await here.act("1401", "accept", "window-clerk")
    assert outside.value.code == "not_in_post"
    refusal = here.file.entries("act.refused")[-1]
    assert (refusal.event["actor"], refusal.data["authenticated"]) == ("1401", True)
    end_grant(here.desk.ledger, grant, by="1101", now=at("06-15 10:00"))
    with pytest.raises(NotFoundError):
        await here.act("1401", "note", "window-clerk", opinion="再核对")


async def test_the_matter_itself_holds_a_grant_to_scope_and_end(here: Office) -> None:
    long = _grant(here, Scope(acts=("take_over",)))
    message = here.file.message("note", "window-clerk", "1401", opinion="代为核对")
    with here.desk.reading() as connection:
        known = next(each for each, _ in grants_of(connection, "1401") if each.id == long)
    await here.file.refuse("unauthenticated", "note", message.model_copy(update={"delegation": known}))
    for code, changed in (
        ("grant_scope", known),
        ("grant_over", known.model_copy(update={"scope": Scope(), "ends": known.starts})),
        ("grant_of_another", known.model_copy(update={"taker": "1402", "scope": Scope()})),
    ):
        await here.file.refuse(code, "note", _signed(here, message, changed, code))


def _noted(here: Office) -> list[Entry]:
    return here.file.entries("case.noted")


def _grant(here: Office, scope: Scope) -> str:
    now = at("06-15 08:00")
    given = give_grant(
        here.desk.ledger,
        here.desk.profile,
        giver="1101",
        taker="1401",
        scope=scope,
        starts=now,
        ends=now + timedelta(days=3),
        by="1101",
        now=now,
    )
    return given.id


def _signed(here: Office, message: Any, grant: Any, key: str) -> Any:
    """The act under a grant that a careless desk let pass."""
    voucher = Voucher(here.desk, desk_keys(here.desk.home), here.of("1401"))
    under = message.model_copy(update={"delegation": grant, "id": key})
    said = said_in("note", under)
    signed = voucher._signed(f"case/{here.file.number}", under.id, under.officer, said, grant)
    return under.model_copy(update={"assertion": signed})


def _claims(here: Office, event: dict[str, Any]) -> Any:
    """What the assertion in an entry says, by the desk's public key."""
    assertion = event["data"]["assertion"]
    claims = json.loads(jws.extract_compact(assertion.encode()).payload)
    keys = public_keys(here.desk.home)
    about = {name: claims[name] for name in ("matter", "said", "grant")}
    return vouched(assertion, keys, act_id=claims["jti"], officer=claims["sub"], **about)
