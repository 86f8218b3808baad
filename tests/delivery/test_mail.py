"""Notices as mails through a real SMTP server: where to look and never what is there, and each one once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from ledger.tables import ledger_outbox
from schemas.errors import UsageError
from starter.delivery import digest, people, tables
from starter.delivery.mail import Mails, NoServerError
from starter.delivery.mail_server import MailServer, mail_server
from starter.delivery.notices import Fate
from starter.rulebook import load_profile
from tests.delivery.house import VAULT, Desk
from tests.delivery.post_office import PostOffice, open_office

SECRET = "张三举报李四收钱"
SATURDAY = datetime(2026, 6, 20, 2, 0, tzinfo=UTC)
HOLIDAY = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
MAKEUP_SATURDAY = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def office() -> PostOffice:
    """A post office without mails."""
    return PostOffice()


@pytest.fixture
def server(office: PostOffice) -> Iterator[MailServer]:
    """The post office, open."""
    with open_office(office) as opened:
        yield opened


def lives(desk: Desk, *officers: str) -> None:
    """Give people addresses."""
    with desk.ledger.engine.begin() as connection:
        for officer in officers:
            people.set_address(connection, VAULT, officer, f"o{officer}@bureau.example")


def chooses(desk: Desk, officer: str, **settings: bool) -> None:
    """Change somebody's settings."""
    with desk.ledger.engine.begin() as connection:
        people.choose(connection, officer, **settings)


def mails_of(desk: Desk, server: MailServer | None) -> Mails:
    """The part that mails, without digests."""
    return Mails(desk.ledger, VAULT, server, "https://desk.example", desk.clock, works_on=lambda _: False)


def fates(desk: Desk) -> list[str]:
    """What became of the notices, in their order."""
    with desk.reading() as connection:
        return list(connection.scalars(select(tables.notice.c.state).order_by(tables.notice.c.id)))


async def test_a_mail_says_where_to_look_and_never_what_is_there(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001")
    data = {"opinion": SECRET, "reason": SECRET}
    desk.happens("TS-1", "complaint.assigned", kind="complaint", data=data, notify=("1001",))
    assert await mails_of(desk, server).round() == 1
    (mail,) = office.mails
    assert (mail["To"], mail["From"]) == ("o1001@bureau.example", "desk@bureau.example")
    assert "TS-1" in mail["Subject"]
    assert "https://desk.example/inbox" in mail.get_content()
    for told in ("张三", "complaint", "assigned", "投诉"):
        assert told not in office.texts
    with desk.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(ledger_outbox)) == 0


async def test_each_notice_is_one_mail_and_a_second_round_repeats_none(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001", "1002")
    desk.happens("LX-1", "case.stage_returned", notify=("1001", "1002"))
    desk.happens("LX-2", "case.stage_returned", notify=("1001", "applicant", "1003"))
    mails = mails_of(desk, server)
    assert [await mails.round(), await mails.round()] == [3, 0]
    assert sorted(to for to, _ in office.told) == ["o1001@bureau.example"] * 2 + ["o1002@bureau.example"]
    assert fates(desk) == [Fate.SENT, Fate.SENT, Fate.SENT, Fate.NO_ADDRESS, Fate.NO_ADDRESS]


async def test_a_crash_after_the_server_took_a_mail_repeats_that_one_and_no_other(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001")
    desk.happens("LX-1", "case.stage_returned", notify=("1001",))
    desk.happens("LX-2", "case.stage_returned", notify=("1001",))
    dying, marked = mails_of(desk, server), []
    mark = dying._mark

    def die_at_the_second(*given: object) -> None:
        marked.append(given)
        if len(marked) == 2:
            raise KeyboardInterrupt
        mark(*given)  # type: ignore[arg-type]

    dying._mark = die_at_the_second  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        await dying.round()
    await mails_of(desk, server).round()
    identities = [mail["Message-ID"] for mail in office.mails]
    assert len(identities) == 3
    assert identities[1] == identities[2] != identities[0]
    assert fates(desk) == [Fate.SENT, Fate.SENT]


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        ("clock.breached", {}),
        ("clock.due_today", {}),
        ("duty.offered", {}),
        ("card.issued", {"card": {"colour": "red"}}),
        ("supervision.chase_issued", {"level": "orange"}),
    ],
)
async def test_an_escalation_goes_out_to_the_muted_too(
    desk: Desk, office: PostOffice, server: MailServer, entry: str, data: dict[str, object]
) -> None:
    lives(desk, "1001")
    chooses(desk, "1001", muted=True)
    card = {"id": "P1", "code": "c", "issue_day": "2026-06-16", "addressees": ["1001"], "status": "open"}
    if "card" in data:
        data = {"card": card | {"colour": "red"}}
    desk.happens("LX-1", "case.stage_returned", notify=("1001",))
    desk.happens("LX-2", entry, data=data, notify=("1001",))
    await mails_of(desk, server).round()
    assert [subject for _, subject in office.told] == [
        "【请即办理】事项 LX-2 请您查看 / Matter LX-2: please look"
    ]
    assert fates(desk) == [Fate.MUTED, Fate.SENT]


@pytest.mark.parametrize(
    ("entry", "data"), [("supervision.chase_issued", {"level": "blue"}), ("case.stage_returned", {})]
)
async def test_an_ordinary_notice_waits_for_the_digest_of_the_muted(
    desk: Desk, office: PostOffice, server: MailServer, entry: str, data: dict[str, object]
) -> None:
    lives(desk, "1001")
    chooses(desk, "1001", muted=True)
    desk.happens("LX-1", entry, data=data, notify=("1001",))
    await mails_of(desk, server).round()
    assert office.mails == []
    assert fates(desk) == [Fate.MUTED]


async def test_while_the_server_is_away_everything_waits_and_then_goes_out(
    desk: Desk, office: PostOffice
) -> None:
    lives(desk, "1001")
    desk.happens("LX-1", "duty.offered", notify=("1001",))
    with open_office(office) as server:
        pass
    mails = mails_of(desk, server)
    desk.clock.pass_by(days=3)
    with pytest.raises(NoServerError):
        await mails.round()
    assert fates(desk) == [Fate.WAITING]
    with open_office(office, server.port):
        assert await mails.round() == 1


async def test_a_recipient_refused_for_good_is_given_up_and_one_refused_for_now_is_tried_again(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001", "1002")
    desk.happens("LX-1", "duty.offered", notify=("1001", "1002"))
    office.refusals = ["550 no such mailbox", "451 try later"]
    mails = mails_of(desk, server)
    await mails.round()
    assert fates(desk) == [Fate.FAILED, Fate.WAITING]
    assert await mails.round() == 0
    desk.clock.pass_by(minutes=1, seconds=1)
    assert await mails.round() == 1
    assert [to for to, _ in office.told] == ["o1002@bureau.example"]


async def test_the_digest_is_one_mail_a_person_and_day_with_numbers_only(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001", "1002", "1003")
    chooses(desk, "1001", muted=True)
    chooses(desk, "1002", digest=False)
    desk.happens("LX-1", "case.stage_returned", data={"reason": SECRET}, notify=("1001", "1002"))
    desk.happens("LX-2", "case.stage_returned", notify=("1001",))
    desk.happens("LX-1", "case.noted", notify=("1001",))
    mails = mails_of(desk, server)
    await mails.round()
    mails.works_on = lambda _: True
    office.mails.clear()
    await mails.round()
    assert office.told == [("o1001@bureau.example", "2026-06-15 请您查看的事项：2 / Matters to look at: 2")]
    assert "- LX-1\n- LX-2" in office.texts.replace("\r\n", "\n")
    assert "张三" not in office.texts
    desk.happens("LX-3", "case.stage_returned", notify=("1001",))
    assert await mails.round() == 0
    desk.clock.pass_by(days=1)
    await mails.round()
    assert office.told[1:] == [
        ("o1001@bureau.example", "2026-06-16 请您查看的事项：1 / Matters to look at: 1")
    ]


@pytest.mark.parametrize(
    ("moment", "time_for_it"),
    [
        (datetime(2026, 6, 15, 0, 29, tzinfo=UTC), False),
        (datetime(2026, 6, 15, 0, 30, tzinfo=UTC), True),
        (SATURDAY, False),
        (HOLIDAY, False),
        (MAKEUP_SATURDAY, True),
    ],
)
def test_digests_go_out_on_working_days_from_half_past_eight_local_time(
    moment: datetime, time_for_it: bool
) -> None:
    assert digest.is_time(load_profile("current"), moment) is time_for_it


async def test_without_a_server_notices_are_taken_in_and_none_is_mailed_later(
    desk: Desk, office: PostOffice, server: MailServer
) -> None:
    lives(desk, "1001")
    desk.happens("LX-1", "duty.offered", notify=("1001",))
    await mails_of(desk, None).round()
    await mails_of(desk, server).round()
    assert fates(desk) == [Fate.OFF]
    assert office.mails == []


def test_addresses_lie_sealed_and_a_header_cannot_be_smuggled_into_one(desk: Desk) -> None:
    lives(desk, "1001")
    with desk.reading() as connection:
        rows = str(connection.execute(select(tables.person)).all())
        assert people.address_of(connection, VAULT, "1001") == "o1001@bureau.example"
    assert "bureau.example" not in rows
    for wrong in ("no address", "a@b\nBcc: c@d", "a@b, c@d", "<a@b>"):
        with pytest.raises(UsageError), desk.ledger.engine.begin() as connection:
            people.set_address(connection, VAULT, "1001", wrong)


def test_a_server_is_named_by_a_url_and_its_password_is_in_no_text() -> None:
    found = mail_server("smtps://desk:p%40ss@mail.example", "a@b.example")
    assert found is not None
    assert (found.host, found.port, found.user, found.password, found.tls) == (
        "mail.example",
        465,
        "desk",
        "p@ss",
        True,
    )
    assert "p@ss" not in repr(found)
    assert mail_server("") is None
    with pytest.raises(UsageError):
        mail_server("https://mail.example")
