"""`yangguang webhook` and `yangguang mail` as an admin types them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import context, mail, webhook
from schemas.errors import YangguangError
from tests.delivery.post_office import PostOffice, open_office

URL = "https://city.example/hook"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One home for all of them."""
    monkeypatch.delenv("YANGGUANG_DATABASE_URL", raising=False)
    folder = tmp_path_factory.getbasetemp() / "commands"
    folder.mkdir(exist_ok=True)
    context.choose_home(folder)


def told(app: typer.Typer, *words: str) -> Any:
    """The document that a command answers with. Raises what it raises."""
    answer = CliRunner().invoke(app, [*words, "--json"])
    if isinstance(answer.exception, YangguangError):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def refused(app: typer.Typer, *words: str) -> str:
    """The code of the error that a command ends with."""
    with pytest.raises(YangguangError) as caught:
        told(app, *words)
    return caught.value.code


def test_a_subscription_lives_from_add_to_remove() -> None:
    added = told(webhook.app, "add", URL, "--name", "city", "--kind", "case", "--type", "case.*")
    assert added["secret"].startswith("whsec_")
    assert added["public_key"].startswith("whpk_")
    (row,) = told(webhook.app, "list")
    assert (row["name"], row["kinds"], row["types"], row["waiting"]) == ("city", ["case"], ["case.*"], 0)
    assert told(webhook.app, "rotate", "city", "--overlap", "1")["secret"] != added["secret"]
    assert told(webhook.app, "deliveries", "city") == []
    assert told(webhook.app, "redeliver", "city", "--dead") == {"name": "city", "count": 0}
    assert refused(webhook.app, "redeliver", "city", "--number", "3") == "not_found"
    assert told(webhook.app, "remove", "city") == {"name": "city", "removed": True}
    assert told(webhook.app, "list") == []
    assert refused(webhook.app, "remove", "city") == "not_found"


def test_an_address_inside_the_house_needs_to_be_allowed_by_name() -> None:
    assert refused(webhook.app, "add", "http://10.1.1.1/hook") == "bad_url"
    assert refused(webhook.app, "add", URL, "--allow", "10.1.0.1/16") == "bad_network"
    told(webhook.app, "add", "http://10.1.1.1/hook", "--allow", "10.1.0.0/16")


def test_mail_settings_are_told_without_the_address() -> None:
    shown = told(mail.app, "address", "1001", "someone@bureau.example")
    assert shown == {"officer": "1001", "address": True, "muted": False, "digest": True}
    assert told(mail.app, "mute", "1001")["muted"]
    assert not told(mail.app, "digest", "1001", "--off")["digest"]
    (row,) = told(mail.app, "list")
    assert row == {"officer": "1001", "address": True, "muted": True, "digest": False}
    assert not told(mail.app, "address", "1001")["address"]
    assert refused(mail.app, "address", "1001", "nowhere") == "bad_address"
    assert refused(mail.app, "mute", "9999") == "unknown_officer"


def test_a_test_mail_goes_through_the_server_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(mail.app, "test", "a@b.example") == "no_smtp"
    office = PostOffice()
    with open_office(office) as server:
        monkeypatch.setenv("YANGGUANG_SMTP_URL", f"smtp://{server.host}:{server.port}")
        assert told(mail.app, "test", "a@b.example") == {"sent": True}
    assert [each["To"] for each in office.mails] == ["a@b.example"]
    assert refused(mail.app, "test", "a@b.example") == "smtp"
