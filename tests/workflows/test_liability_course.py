"""Liability read off chains lived through on the engine: whoever acted answers, B officer and voter too."""

from __future__ import annotations

from ledger.db import snapshot
from starter.liability import chain_of, explain, reviews_in
from tests.rules.liability_events import asked, degrees, found
from tests.workflows.beside import beside
from tests.workflows.house import PROFILE, File, House
from tests.workflows.review_desk import resolution

STAFF = ("cause=staff", "order=none")


async def decided(file: File) -> None:
    """The handler's B officer proposes, the others follow."""
    await file.act("accept", "window-clerk", opinion="受理")
    await file.sign_through("W")
    await file.act("take_over", "land-use-handler", who="1302")
    await file.act("sign_stage", "land-use-handler", who="1302", opinion="拟同意")
    await file.sign_through("R")
    await file.finish()


@beside
async def test_a_wrong_approval_examines_the_whole_chain(house: House) -> None:
    """A grant found wrong: the B officer for his proposal, the reviewer, the approver; A for nothing."""
    file = await house.case("LX-LS-01")
    await decided(file)
    empty = explain(house.ledger, file.number, "F07", (), PROFILE)
    assert empty.incomplete
    assert {"1301", "1302", "1303", "1002"} <= set(degrees(empty))
    assert "opinion@1302" in asked(empty)

    wrong = found(
        *STAFF, *(f"opinion=wrong@{who}" for who in ("1302", "1303", "1002")), "concealment=no@1302"
    )
    made = explain(house.ledger, file.number, "F07", wrong, PROFILE)
    told = degrees(made)
    assert (made.rule, made.incomplete) == ("L04", False)
    assert (told["1302"], told["1301"], told["1303"], told["1002"]) == ("D", "none", "M", "I")
    types = {entry.seq: entry.type for entry in file.entries()}
    cited = {row.officer: [types[seq] for seq in row.entries] for row in made.rows}
    assert cited["1002"] == ["case.decided"]
    assert set(cited["1303"]) == {"case.stage_signed"}
    assert made == explain(house.ledger, file.number, "F07", reversed(wrong), PROFILE)


@beside
async def test_the_voters_of_a_review_are_examined_with_the_case(house: House) -> None:
    """The review that the case was told of is read with it; each member has a row by how he voted."""
    file = await house.case("LX-BP-01")
    await file.act("accept", "window-clerk", opinion="受理")
    await file.sign_through("W", "H", "R")
    number = await resolution(file)
    with snapshot(house.ledger.engine) as connection:
        assert reviews_in(chain_of(connection, file.number)) == (number,)
    made = explain(house.ledger, file.number, "F07", found(*STAFF, "collective_decision=wrong"), PROFILE)
    voters = [row for row in made.rows if any(each.startswith(number) for each in row.elsewhere)]
    assert {row.degree.value for row in voters if "chair" in row.capacities} <= {"M", "open"}
    assert len(voters) >= 3


@beside
async def test_a_late_case_names_the_owner_of_the_clock(house: House) -> None:
    """The handler took it over and did nothing more until the promise had passed."""
    file = await house.case("LX-LS-01", "06-15 09:00")
    await file.act("accept", "window-clerk", opinion="受理")
    await file.sign_through("W")
    await file.act("take_over", "land-use-handler")
    await file.until("06-24 09:00")
    made = explain(house.ledger, file.number, "F04", (), PROFILE)
    assert (made.rule, degrees(made)["1301"]) == ("LT1", "D")
    breach = next(entry for entry in file.entries("clock.breached") if entry.data["clock"] == "promise")
    assert breach.seq in made.rows[0].entries
    assert sum(each.days for each in made.held) >= 5
