"""The detectors on a real bureau: what is seen in its ledger becomes one lead, and stays one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from temporalio.testing import ActivityEnvironment

from activities.detect import Lookout
from ledger.db import snapshot
from schemas.acts import Note
from schemas.detector_rules import Pattern
from schemas.findings import Finding
from starter.detection import detect, detect_and_open, open_leads, recent_weeks, request_of
from starter.rulebook import load_profile
from starter.sight import eyes_of
from starter.simulation import SimulatedClient
from tests.workflows.house import File, House, at

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROFILE = load_profile("current")
NOW = datetime(2037, 9, 4, tzinfo=UTC)


async def keyed_in_later(house: House, begin: str, end: str) -> File:
    """An inquiry of which something is entered days after it was done."""
    file = await house.inquiry(f"{begin} 09:00")
    await file.until(f"{end} 10:00")
    done = at(f"{begin} 10:00")
    await file.act("note", "window-clerk", reason="断网补录", received_at=done, late_reason="outage")
    return file


def seen_in(house: House, file: File, week: str) -> Finding:
    """What the detectors say of the clerk in that week."""
    found = detect(house.ledger, PROFILE, [week], NOW)
    assert found.weeks == (week,)
    (finding,) = [each for each in found.findings if each.detector is Pattern.KEYED_IN_LATER]
    assert [ref.number for ref in finding.evidence] == [file.number]
    return finding


async def test_what_is_seen_opens_one_lead_and_not_another(house: House) -> None:
    """However often it is looked for, by how many, and though more is seen later in the week."""
    file = await keyed_in_later(house, "08-31", "09-03")
    finding = seen_in(house, file, "2037-W36")
    more = finding.model_copy(update={"times": 2, "text": finding.text.replace("1 次", "2 次")})
    client = SimulatedClient(house.client, house.ledger)
    both = await asyncio.gather(*(open_leads(client, [each], PROFILE) for each in (finding, more)))
    (number,) = [number for opened in both for number in opened]
    assert await open_leads(client, [finding, more], PROFILE) == ()
    entry = house.entries(number)[0]
    assert entry.data["source"] == "detector"
    assert entry.data["accused"] == ["1101"]
    assert entry.event["actor"] == "1901"
    with snapshot(house.ledger.engine) as connection:
        seen = {who: eyes_of(who, PROFILE).sees(connection, number) for who in ("1101", "1401", "1901")}
    assert seen == {"1101": False, "1401": False, "1901": True}


async def test_the_daily_run_looks_and_opens(house: House) -> None:
    """The activity, with its heartbeat; the second run of the day opens nothing."""
    await keyed_in_later(house, "09-07", "09-10")
    client, beats = SimulatedClient(house.client, house.ledger), list[object]()
    lookout = Lookout(partial(detect_and_open, client, ["2037-W37"]))
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *told: beats.extend(told)
    first = await environment.run(lookout.detect)
    assert (first["weeks"], len(first["opened"])) == (["2037-W37"], 1)
    assert sum(int(str(beat)) for beat in beats) == first["entries"] > 0
    second = await ActivityEnvironment().run(Lookout(partial(detect_and_open, client, ["2037-W37"])).detect)
    assert second["opened"] == []


async def test_a_record_of_the_past_opens_no_lead(house: House) -> None:
    file = await keyed_in_later(house, "09-14", "09-17")
    past = seen_in(house, file, "2037-W38").model_copy(update={"imported": True})
    assert await open_leads(SimulatedClient(house.client, house.ledger), [past], PROFILE) == ()


async def test_a_lead_about_the_supervision_office_is_taken_in_by_another(house: House) -> None:
    """Nobody takes in what is about himself."""
    file = await keyed_in_later(house, "09-21", "09-24")
    finding = seen_in(house, file, "2037-W39")
    assert (request_of(finding, PROFILE).officer, request_of(finding, PROFILE).post) == ("1901", "supervisor")
    about_supervisor = finding.model_copy(update={"officer": "1901"})
    assert request_of(about_supervisor, PROFILE).post == "discipline"


async def test_an_act_says_when_its_facts_were_shown(house: House) -> None:
    """Known to the client that gave them out; a repetition that says it otherwise is the same act."""
    file = await house.inquiry("09-28 09:00")
    await file.act("note", "window-clerk", reason="未调阅")
    assert "seenat" not in file.entries("inquiry.noted")[0].data
    shown = await file.status()
    await file.act("note", "window-clerk", reason="已调阅", facts=shown.facts)
    noted = file.entries("inquiry.noted")[1]
    assert datetime.fromisoformat(noted.data["seenat"]) == shown.now
    again = Note(
        id=noted.data["actid"],
        officer="1101",
        post="window-clerk",
        reason="已调阅",
        facts=shown.facts,
        seen_at=shown.now - timedelta(days=1),
    )
    receipt = await file.desk.act("inquiry", file.number, "note", again)
    assert receipt.id == noted.id


async def test_the_weeks_of_a_run_are_the_last_and_this_one() -> None:
    """Of the bureau's days: Sunday evening in Europe is Monday there."""
    assert recent_weeks(datetime(2026, 6, 14, 15, 0, tzinfo=UTC), PROFILE) == ("2026-W23", "2026-W24")
    assert recent_weeks(datetime(2026, 6, 14, 17, 0, tzinfo=UTC), PROFILE) == ("2026-W24", "2026-W25")
    assert recent_weeks(datetime(2027, 1, 4, 4, 0, tzinfo=UTC), PROFILE) == ("2026-W53", "2027-W01")
