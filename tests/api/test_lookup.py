"""The public look-up: what it tells, to whom, and how often somebody may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.db import Ledger
from starter.identity.visitor import Visitor, VisitorKind, WebRole
from tests.api.desks import AS_SYSTEM, SYSTEM, app_for, asking, desk_in, key
from tests.web.casework import Course

NUMBER, CODE = "LX-2026-000007", "7KQ2M9XRTB"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """A desk's time that a test sets."""

    def __init__(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


def case(ledger: Ledger, number: str = NUMBER) -> Course:
    """A mortgage registration, received and accepted in the morning of 15 June."""
    return Course(ledger, number, code=CODE).register().accept()


async def test_tells_state_lamp_due_day_with_its_reason_post_and_steps(tmp_path: Path) -> None:
    """The promise of five working days ends on the 23rd: the 19th is the Dragon Boat holiday."""
    async with desk_in(tmp_path, now=Clock("2026-06-16 10:00")) as desk:
        case(desk.ledger).sign("06-16 09:00")
        async with asking(app_for(desk)) as public:
            answer = await public.get("/lookup", params={"number": NUMBER, "code": CODE.lower()})
    found = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (found["state"], found["lamp"], found["headline"]["en"]) == ("in_stage", "green", "In progress")
    due = found["due"]
    assert (due["clock"], due["day"], due["provisional"]) == ("promise", "2026-06-23", False)
    assert [day["day"] for day in due["days"] if day["counted"]][-1] == "2026-06-23"
    assert "端午节" in {day["zh"] for day in due["days"]}
    assert found["held_by"]["zh"] == "窗口受理岗"
    assert [step["en"] for step in found["steps"]] == ["received", "accepted", "step completed: Intake"]
    assert [stage["state"] for stage in found["stages"]] == ["done", "now", "ahead", "ahead"]
    assert found["as_of"] == 3
    assert not {"1101", "王迎春", "海川机械厂"} & set(answer.text.split('"'))


async def test_an_officer_who_sees_the_case_reads_its_due_day_without_a_code(tmp_path: Path) -> None:
    """The same derivation; nobody else does."""
    clerk = Visitor(VisitorKind.OFFICER, "1101", "", frozenset({WebRole.COUNTER}), ("window-clerk",))
    path, token = f"/cases/{NUMBER}/deadline", {"Authorization": "Bearer 1101"}
    async with desk_in(tmp_path, now=Clock("2026-06-16 10:00")) as desk:
        case(desk.ledger)
        async with asking(app_for(desk, clerk, SYSTEM)) as client:
            seen = await client.get(path, headers=token)
            by_code = await client.get(path, params={"code": CODE})
            others = [await client.get(path), await client.get(path, headers=AS_SYSTEM)]
            missing = await client.get("/cases/LX-2026-999999/deadline", headers=token)
    assert seen.json() == by_code.json()
    assert seen.json()["due"]["day"] == "2026-06-23"
    assert [answer.status_code for answer in (*others, missing)] == [404, 404, 404]


async def test_while_time_stands_still_there_is_no_due_day_but_the_ground_of_the_pause(
    tmp_path: Path,
) -> None:
    """After the pause its days do not count."""
    async with desk_in(tmp_path, now=Clock("2026-06-18 10:00")) as desk:
        course = case(desk.ledger).suspend("06-17 09:00")
        async with asking(app_for(desk)) as public:
            asked = {"number": NUMBER, "code": CODE}
            paused = (await public.get("/lookup", params=asked)).json()
            course.resume("06-24 09:00")
            resumed = (await public.get("/lookup", params=asked)).json()
    assert (paused["lamp"], paused["due"]["day"]) == ("grey", None)
    assert (paused["pauses"][0]["ground"], paused["pauses"][0]["until"]) == ("appraisal", None)
    assert paused["pauses"][0]["basis"]
    assert resumed["pauses"][0]["until"] == "2026-06-24"
    assert resumed["due"]["day"] == "2026-06-29"
    assert "suspended" in {day["why"] for day in resumed["due"]["days"]}


async def test_a_matter_turns_yellow_and_red_by_the_day_alone(tmp_path: Path) -> None:
    """Nothing is recorded in between."""
    clock = Clock("2026-06-22 10:00")
    async with desk_in(tmp_path, now=clock) as desk:
        case(desk.ledger)
        async with asking(app_for(desk)) as public:
            lamps = []
            for day in ("2026-06-18", "2026-06-22", "2026-06-24"):
                clock.now = datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=SHANGHAI)
                answer = await public.get("/lookup", params={"number": NUMBER, "code": CODE})
                lamps.append(answer.json()["lamp"])
    assert lamps == ["green", "yellow", "red"]


async def test_a_wrong_number_and_a_wrong_code_are_answered_identically(tmp_path: Path) -> None:
    """By both methods: same status, same body, same headers."""
    async with desk_in(tmp_path) as desk:
        case(desk.ledger)
        app = app_for(desk)
        answers = []
        for address, number in (("192.0.2.1", NUMBER), ("192.0.2.2", "LX-2026-999999")):
            async with asking(app, address) as public:
                by_get = await public.get("/lookup", params={"number": number, "code": "22222222"})
                body = {"number": number, "code": "22222222"}
                by_post = await public.post("/lookup", json=body, headers=key())
                receipt = await public.get(f"/receipts/{number}", params={"code": "22222222"})
                answers.append([(a.status_code, a.content, dict(a.headers)) for a in (by_get, by_post)])
                assert receipt.status_code == 404
    assert answers[0] == answers[1]
    assert {status for status, _, _ in answers[0]} == {404}


async def test_wrong_codes_are_counted_per_number_and_right_ones_never(tmp_path: Path, url: str) -> None:
    """Ten wrong codes, from whatever addresses, close the number for a quarter of an hour."""
    clock = Clock("2026-06-16 10:00")
    async with desk_in(tmp_path, url, now=clock) as desk:
        case(desk.ledger)
        app = app_for(desk)
        right = {"number": NUMBER, "code": CODE}
        for n in range(10):
            async with asking(app, f"198.51.100.{n}") as public:
                assert (await public.get("/lookup", params=right)).status_code == 200
                wrong = await public.get("/lookup", params={**right, "code": "WRONG"})
                assert (wrong.status_code, f'"number";r={9 - n};' in wrong.headers["RateLimit"]) == (
                    404,
                    True,
                )
        async with asking(app, "198.51.100.99") as public:
            closed = await public.get("/lookup", params={**right, "code": "WRONG"})
            assert (closed.status_code, closed.json()["code"]) == (429, "rate_limited")
            assert 0 < int(closed.headers["Retry-After"]) <= 901
            assert (await public.get("/lookup", params=right)).status_code == 429
            clock.now += timedelta(minutes=16)
            assert (await public.get("/lookup", params=right)).status_code == 200


async def test_wrong_codes_are_counted_per_address_by_all_processes_together(
    tmp_path: Path, url: str
) -> None:
    """Two applications over one database share the count; an IPv6 household is one address."""
    async with desk_in(tmp_path, url) as desk, desk_in(tmp_path, url) as other:
        one, two = app_for(desk), app_for(other)
        for n in range(30):
            async with asking(one if n % 2 else two, f"2001:db8::{n:x}") as public:
                answer = await public.get("/lookup", params={"number": f"LX-2026-{n:06}", "code": "WRONG"})
                assert answer.status_code == 404
        async with asking(one, "2001:db8::ffff") as public:
            answer = await public.get("/lookup", params={"number": "LX-2026-000999", "code": "WRONG"})
            assert answer.status_code == 429
        async with asking(one, "2001:db8:1::1") as public:
            answer = await public.get("/lookup", params={"number": "LX-2026-000999", "code": "WRONG"})
            assert answer.status_code == 404
