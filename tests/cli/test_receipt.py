"""`yangguang receipt`, as an applicant meets it: at the bureau, and at home with nothing but the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import context, main
from cli.receipt import app
from ledger.db import Origin, OriginKind, open_database
from ledger.redact import Order, redact
from schemas.errors import NotPermittedError, UsageError, VerificationError
from starter.home import open_home
from tests import commands
from tests.ledger.support import MONDAY
from tests.starter.receipting import CITIZEN, NUMBER, Bureau, bureau

ROOT = Path(__file__).parents[2]
run = CliRunner()


def environment() -> dict[str, str]:
    """Of a process that knows of no home and no engine."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEMPORAL_", "YANGGUANG_"))}
    return {**clean, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def yangguang(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in a folder of its own."""
    return commands.yangguang(*words, cwd=cwd, env=environment())


@pytest.fixture
def open_bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bureau]:
    """A home whose ledger holds two registrations, not signed yet."""
    home = open_home(tmp_path / "home", OriginKind.SAMPLE)
    monkeypatch.delenv("YANGGUANG_DATABASE_URL", raising=False)
    monkeypatch.setattr(context, "home", lambda: home)
    ledger = open_database(home.database_url, Origin(home.origin.name, home.kind))
    opened = bureau(ledger)
    opened.register("LX-2026-000007")
    opened.register()
    home.policy.write_bytes(opened.policy.encode())
    yield opened
    ledger.close()


@pytest.fixture
def files(open_bureau: Bureau, tmp_path: Path) -> Path:
    """A folder with a signed receipt in both forms, and the policy that came another way."""
    open_bureau.sign()
    folder = tmp_path / "applicant"
    folder.mkdir()
    forms = ["--out", str(folder / "receipt.json"), "--html", str(folder / "receipt.html")]
    result = run.invoke(app, ["show", NUMBER, "--code", open_bureau.codes[NUMBER], *forms])
    assert result.exit_code == 0, result.exception
    (folder / "policy").write_bytes(open_bureau.policy.encode())
    return folder


@pytest.fixture
def here(files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The applicant's folder, in which he sits."""
    monkeypatch.chdir(files)
    monkeypatch.delenv("YANGGUANG_HOME", raising=False)
    return files


def test_at_home_with_nothing_but_the_file(files: Path) -> None:
    """No server, no database, and no home afterwards either."""
    before = sorted(files.iterdir())
    for form in ("receipt.json", "receipt.html"):
        told = yangguang("receipt", "verify", form, "--policy", "policy", cwd=files)
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith(f"● {NUMBER} 已由见证方共同签名 / cosigned by witnesses\n")
        assert "Nobody can remove or change this entry unseen" in told.stdout
        assert "Not that what was stated is true" in told.stdout
        assert "2026-06-23, follows once more from the rules" in told.stdout
    assert sorted(files.iterdir()) == before


def test_for_programs_it_is_one_document(files: Path) -> None:
    answers = []
    for form in ("receipt.json", "receipt.html"):
        result = run.invoke(app, ["verify", str(files / form), "--json"])
        assert result.exit_code == 0
        answers.append(json.loads(result.stdout))
    assert answers[0] == answers[1]
    (told, _) = answers
    assert (told["verified"], told["standing"], told["keys_from"]) == (True, "witnessed", "receipt")
    assert told["fields"] == {"opened": 3, "sealed": 3}
    assert told["promise"] == {"day": "2026-06-23", "derived": True}
    assert [each["at"] for each in told["signatures"]] == [None, "2026-06-15T01:31:00+00:00"]
    assert "--policy" in told["proves_not"][-1]["en"]


@pytest.mark.parametrize(
    ("form", "old", "new", "code"),
    [
        ("receipt.json", "欧阳", "欧陽", "receipt_opening"),
        ("receipt.json", '"day": "2026-06-23"', '"day": "2026-06-24"', "receipt_document"),
        ("receipt.html", "<b>2026-06-23", "<b>2026-06-24", "receipt_page"),
        ("receipt.html", "<script", "<xcript", "receipt_format"),
    ],
)
def test_a_changed_file_ends_with_three_and_the_reason(
    here: Path, capsys: pytest.CaptureFixture[str], form: str, old: str, new: str, code: str
) -> None:
    text = (here / form).read_text(encoding="utf-8")
    assert old in text
    (here / form).write_text(text.replace(old, new), encoding="utf-8")
    before = sorted(here.iterdir())
    assert main.run(["receipt", "verify", form, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["code"] == code
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(("policy", "code"), [("log nonsense\n", 2), ("", 2), ("quorum none\n", 3)])
def test_a_policy_that_is_none_or_names_no_log_proves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], policy: str, code: int
) -> None:
    (here / "policy").write_text(policy)
    assert main.run(["receipt", "verify", "receipt.json", "--policy", "policy"]) == code
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_wrong_usage(files: Path, name: str) -> None:
    result = run.invoke(app, ["verify", str(files / name)])
    assert isinstance(result.exception, UsageError)
    assert "cannot be read" in result.exception.message


def test_an_unsigned_receipt_says_so_and_does_not_pass(open_bureau: Bureau, tmp_path: Path) -> None:
    words = ["show", NUMBER, "--code", open_bureau.codes[NUMBER]]
    told = run.invoke(app, [*words, "--out", str(tmp_path / "r.json")])
    assert told.exit_code == 0
    shown = run.invoke(app, words).stdout
    assert shown.startswith(f"○ {NUMBER} 已入日志，尚未签名 / in the log, not signed yet\n")
    assert "get a newer one with number and lookup code" in shown
    result = run.invoke(app, ["verify", str(tmp_path / "r.json")])
    assert isinstance(result.exception, VerificationError)
    assert result.exception.code == "receipt_unsigned"


def test_show_tells_the_promise_day_by_day(open_bureau: Bureau) -> None:
    open_bureau.sign()
    words = ["show", NUMBER, "--code", open_bureau.codes[NUMBER]]
    shown = run.invoke(app, words).stdout
    for part in (*CITIZEN.values(), "2026-06-19\t\t端午节 / Dragon Boat Festival", "2026-06-23\t5\t工作日"):
        assert part in shown
    document = json.loads(run.invoke(app, [*words, "--json"]).stdout)
    assert document["entry"]["leaf_hash"] in shown


@pytest.mark.parametrize(("number", "code"), [(NUMBER, "AAAAAAAAAA"), ("LX-2026-999999", "AAAAAAAAAA")])
def test_a_wrong_code_is_not_permitted(open_bureau: Bureau, number: str, code: str) -> None:
    result = run.invoke(app, ["show", number, "--code", code])
    assert isinstance(result.exception, NotPermittedError)
    assert result.exception.message == "件号与查询码不符 / no matter has this number and this lookup code"


def test_a_redacted_case_has_a_receipt_without_fields(open_bureau: Bureau) -> None:
    redact(open_bureau.ledger, Order(NUMBER, "依法", "1003", "1001"), MONDAY)
    open_bureau.sign()
    shown = run.invoke(app, ["show", NUMBER, "--code", open_bureau.codes[NUMBER]]).stdout
    assert "本人信息已依法遮蔽" in shown
    assert not [value for value in CITIZEN.values() if value in shown]


def test_a_place_that_cannot_be_written_is_wrong_usage(open_bureau: Bureau, tmp_path: Path) -> None:
    place = str(tmp_path / "nowhere" / "r.html")
    result = run.invoke(app, ["show", NUMBER, "--code", open_bureau.codes[NUMBER], "--html", place])
    assert isinstance(result.exception, UsageError)
    assert result.exception.code == "unwritable"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A home that is up: the real engine, a worker and a keeper that signs."""
    home = ("--home", tmp_path / "home")
    line = [sys.executable, "-m", "cli.main", *map(str, home), "up", "--empty", "--json"]
    with subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield home
        process.terminate()
        process.communicate()


@pytest.mark.timeout(300)
def test_from_the_window_to_the_redaction(
    serving: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way with the real engine: start, receipt, redaction, status, receipt again."""

    def answer(*words: object) -> tuple[int, str, str]:
        code = main.run([str(word) for word in (*serving, *words)])
        return code, *capsys.readouterr()

    window = ("--as", "1101", "--post", "window-clerk", "--material", "all", "--name", "宋问路")
    start = ("case", "start", "--item", "LX-CX-01", "--key", "k-1", *window)
    exit_code, told, err = answer(*start)
    assert exit_code == 0, err
    lines = dict(line.partition(": ")[::2] for line in told.splitlines())
    number, code = lines["件号 / number"], lines["查询码 / lookup code"]
    hint = lines["可核对的回执 / receipt that proves itself"]
    assert hint == f"yangguang receipt show {number} --code {code} --html receipt.html"
    show = ("receipt", "show", number, "--code", code)
    while json.loads(answer(*show, "--json")[1])["proof"] is None:
        time.sleep(0.1)  # the keeper signs within a moment
    page = tmp_path / "receipt.html"
    assert answer(*show, "--html", page)[0] == 0
    exit_code, told, _ = answer("receipt", "verify", page)
    assert (exit_code, told.partition("\n")[0]) == (
        0,
        f"▲ {number} 仅由机关签名，未经见证 / signed by the bureau alone",
    )
    order = ("--basis", "个人信息保护法第四十七条", "--approver", "1003", "--second", "1001", "--yes")
    redacted = json.loads(answer("ledger", "redact", number, *order, "--json")[1])
    assert (redacted["case"], len(redacted["digests"]), redacted["swept"]) == (number, 1, True)
    assert "● 已依法遮蔽 / redacted" in answer("case", "show", number)[1]
    exit_code, _, err = answer(*start)
    assert exit_code == 5
    assert "is redacted and not registered again" in err
    later = json.loads(answer(*show, "--json")[1])
    assert (later["openings"], later["redaction"] is None) == ([], False)
    assert answer("receipt", "verify", page)[0] == 0
