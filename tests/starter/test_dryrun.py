"""The policy dry-run over a ledger: drafts, a year's cases per item, and two people who release a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import context
from cli.profile import app
from ledger.db import Ledger, OriginKind, open_database, snapshot
from ledger.read import entries
from ledger.verify import verify
from rules.dryrun_counts import Counts
from schemas.errors import ConflictError, NotFoundError, NotPermittedError, UsageError, VerificationError
from starter.dryrun import DryRun, compare, count_cases, draft_in, draft_with, last_year
from starter.home import Home, open_home
from starter.releases import STREAM, adopt_released, proposals, propose, release
from starter.rulebook import back_to_shipped, load_profile
from tests.ledger.fixtures import SIMULATION, NewUrl, new_url, postgresql
from tests.web.casework import Course, at

__all__ = ["new_url", "postgresql"]

CURRENT = load_profile("current")
JUNE = date(2026, 6, 1), date(2026, 6, 30)
SHORTER = {"items.LX-DJ-01.promise.n": 3, "items.LX-DJ-01.stages.H.limit.n": 0}


@pytest.fixture(autouse=True)
def shipped() -> Iterator[None]:
    """No release of one test governs another."""
    yield
    back_to_shipped()


def record(ledger: Ledger) -> None:
    """Three registrations, one in time, one late and one just received; and a temporary use in May."""
    prompt = Course(ledger, "LX-2026-000001").register().accept()
    prompt.sign("06-15 10:00")
    prompt.take_over("06-15 11:00")
    prompt.say("lamp.yellow", "06-16 00:00", clock="stage", ref="H")
    prompt.sign("06-16 10:00")
    slow = Course(ledger, "LX-2026-000002").register().accept()
    slow.sign("06-15 10:00")
    slow.take_over("06-15 11:00")
    slow.say("lamp.yellow", "06-16 00:00", clock="stage", ref="H")
    slow.say("clock.breached", "06-18 00:00", clock="stage", ref="H")
    slow.sign("06-18 10:00")
    Course(ledger, "LX-2026-000003").register()
    Course(ledger, "LX-2026-000004", item="LX-LS-01", received="05-15 09:00").register()


def tried(ledger: Ledger, edits: dict[str, object], period: tuple[date, date] = JUNE) -> DryRun:
    """The dry-run of a draft with these edits; every matter stands at its own time."""
    with snapshot(ledger.engine) as connection:
        return compare(connection, CURRENT, draft_with(CURRENT, edits), period, None)


def test_cases_of_a_period_are_held_against_both_profiles(new_url: NewUrl) -> None:
    """The handler's stage of two days: one took one day, the other three."""
    ledger = open_database(new_url(), SIMULATION)
    record(ledger)
    found = tried(ledger, {"items.LX-DJ-01.stages.H.limit.n": 3, "items.LX-DJ-01.promise.n": 8})
    (row,) = found.items
    assert (row.item, row.cases, row.unmatched) == ("LX-DJ-01", 3, {})
    assert row.recorded == row.now == Counts(green=1, yellow=1, red=1)
    assert row.draft == Counts(green=2, yellow=1)
    assert found.total.draft == row.draft
    assert [each.key for each in found.changes] == [
        "items.LX-DJ-01.promise.n",
        "items.LX-DJ-01.stages.H.limit.n",
    ]
    stricter = tried(ledger, {"items.LX-DJ-01.stages.H.limit.n": 0})
    assert stricter.total.draft == Counts(green=1, red=2)
    assert stricter.total.now == row.now
    ledger.close()


@dataclass(frozen=True)
class Bureau:
    """A home with its ledger."""

    home: Home
    ledger: Ledger


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """A simulation home on SQLite with the cases of `record`."""
    home = open_home(tmp_path_factory.mktemp("dryrun") / "home", OriginKind.SIMULATION)
    ledger = open_database(home.database_url, home.origin)
    record(ledger)
    yield Bureau(home, ledger)
    ledger.close()


def test_a_period_is_told_by_the_day_of_receipt(bureau: Bureau) -> None:
    may = date(2026, 5, 1), date(2026, 5, 31)
    with snapshot(bureau.ledger.engine) as connection:
        assert [count_cases(connection, *period) for period in (may, JUNE)] == [1, 3]
    found = tried(bureau.ledger, {"thresholds.warn_divisor": 9}, may)
    assert [(each.item, each.cases) for each in found.items] == [("LX-LS-01", 1)]
    with pytest.raises(UsageError, match="is after"):
        tried(bureau.ledger, {}, (JUNE[1], JUNE[0]))


def test_a_draft_with_another_stage_is_counted_as_not_to_be_judged(bureau: Bureau) -> None:
    item = next(each for each in CURRENT.items if each.code == "LX-DJ-01")
    (*_, last) = item.stages
    named = {"code": "X", "name": "复核", "name_en": "Check", "role": "reviewer", "post": "registry-chief"}
    added = {**named, "limit": last.limit.model_dump(mode="json") | {"n": 0}}
    draft = draft_with(CURRENT, {}, {"items": [{"code": "LX-DJ-01", "stages": [added]}]})
    renamed = [each.model_dump(mode="json") for each in item.stages]
    renamed[1]["code"] = "H2"
    other = draft_with(CURRENT, {"items.LX-DJ-01.stages": renamed})
    with snapshot(bureau.ledger.engine) as connection:
        open_still = compare(connection, CURRENT, draft, JUNE, None)
        gone = compare(connection, CURRENT, other, JUNE, None)
    assert open_still.total.draft.unjudged == 0
    assert (gone.total.draft, gone.total.unmatched) == (Counts(green=1, unjudged=2), {"H": 2})


def test_items_that_no_rules_know_are_judged_as_another_or_counted(bureau: Bureau) -> None:
    without = CURRENT.model_copy(update={"items": tuple(i for i in CURRENT.items if i.code != "LX-DJ-01")})
    with snapshot(bureau.ledger.engine) as connection:
        unknown = compare(connection, without, without, JUNE, None)
        instead = compare(connection, without, without, JUNE, None, instead="LX-LS-01")
    assert (unknown.not_cases, unknown.total.cases) == (3, 0)
    assert (instead.not_cases, instead.total.cases) == (0, 3)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({"items.LX-DJ-01.promise.n": 1}, "more than the promised limit of 1"),
        ({"items.LX-DJ-01.promise.n": 40}, "promise"),
        ({"items.LX-DJ-01.promise.n": "5"}, "items"),
        ({"items.NO-SUCH.promise.n": 5}, "the rules have no items.NO-SUCH"),
        ({"thresholds.patience": 5}, "the rules have no thresholds.patience"),
    ],
)
def test_a_draft_that_could_not_govern_is_refused(edits: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        draft_with(CURRENT, edits)


def test_the_last_year_ends_today() -> None:
    assert last_year(date(2026, 6, 30)) == (date(2025, 7, 1), date(2026, 6, 30))
    assert last_year(date(2028, 2, 29)) == (date(2027, 3, 1), date(2028, 2, 29))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A draft as a folder: shorter limits of one item."""
    items = tmp_path / "draft" / "items"
    items.mkdir(parents=True)
    (tmp_path / "draft" / "profile.yaml").write_text(
        "extends: current\nid: draft\nversion: '2027.1'\neffective_from: 2027-01-01\n", "utf-8"
    )
    (items / "LX-DJ-01.yaml").write_text("code: LX-DJ-01\nstages:\n- {code: H, limit: {n: 0}}\n", "utf-8")
    return tmp_path / "draft"


def test_a_folder_holds_a_draft(folder: Path) -> None:
    assert draft_in(folder).version == "2027.1"
    with pytest.raises(UsageError, match="there is no folder"):
        draft_in(folder / "nowhere")
    (folder / "items" / "LX-DJ-01.yaml").write_text("code: LX-DJ-01\npromise: {n: 1}\n", "utf-8")
    with pytest.raises(UsageError, match=r"draft/items/LX-DJ-01.yaml|promise"):
        draft_in(folder)


def test_the_command_tells_people_and_programs_the_same(bureau: Bureau, folder: Path) -> None:
    context.choose_home(bureau.home.path)
    asked = ["dry-run", str(folder), "--since", "2026-06-01", "--until", "2026-06-30"]
    people, programs = CliRunner().invoke(app, asked), CliRunner().invoke(app, [*asked, "--json"])
    context.choose_home(None)
    assert (people.exit_code, programs.exit_code) == (0, 0), people.output
    told = json.loads(programs.stdout)
    assert told["total"]["draft"] == {"green": 1, "yellow": 0, "red": 2, "unjudged": 0}
    assert "LX-DJ-01 国有建设用地使用权抵押登记\t3\t1\t1\t0\t1\t1\t2\t0" in people.stdout
    assert "items.LX-DJ-01.stages.H.limit.n\t2\t0" in people.stdout


def test_a_day_that_is_none_is_refused(bureau: Bureau, folder: Path) -> None:
    context.choose_home(bureau.home.path)
    result = CliRunner().invoke(app, ["dry-run", str(folder), "--since", "yesterday"])
    context.choose_home(None)
    assert isinstance(result.exception, UsageError)
    assert result.exception.code == "bad_day"


# -- two people -------------------------------------------------------------------------------

NOW = at("06-20 10:00")


def proposed(bureau: Bureau, version: str, by: str = "8002", reason: str = "群众反映等待过久") -> str:
    """A draft with its dry-run on record; gives its digest."""
    draft = draft_with(load_profile("current"), {"version": version, "items.LX-DJ-01.stages.H.limit.n": 1})
    now_in_force = load_profile("current")
    with snapshot(bureau.ledger.engine) as connection:
        found = compare(connection, now_in_force, draft, JUNE, None)
    propose(bureau.home, bureau.ledger, now_in_force, draft, found, by=by, reason=reason, now=NOW)
    return draft.sha256


def latest(bureau: Bureau) -> int:
    """Number of the latest proposal."""
    with snapshot(bureau.ledger.engine) as connection:
        return proposals(connection)[0].number


def test_one_proposes_and_another_one_releases(bureau: Bureau) -> None:
    """Both are entries with a named person; what was released governs new matters."""
    sha256 = proposed(bureau, "2026.9")
    number = latest(bureau)
    with pytest.raises(NotPermittedError, match="whoever proposed it"):
        release(bureau.home, bureau.ledger, load_profile("current"), number, by="8002", now=NOW)
    released = release(bureau.home, bureau.ledger, CURRENT, number, by="8003", now=NOW)
    assert released.sha256 == sha256
    assert load_profile("current").version == "2026.9"
    with pytest.raises(ConflictError, match="released already by 8003"):
        release(bureau.home, bureau.ledger, CURRENT, number, by="8004", now=NOW)
    with snapshot(bureau.ledger.engine) as connection:
        chain = [each for each in entries(connection, STREAM) if each.data["version"] == "2026.9"]
    assert [(each.type, each.event["actor"]) for each in chain] == [
        ("profile.proposed", "8002"),
        ("profile.released", "8003"),
    ]
    assert chain[0].data["dryrun"]["draft"] == {"green": 1, "yellow": 1, "red": 1, "unjudged": 0}
    with snapshot(bureau.ledger.engine) as connection:
        assert verify(connection).failures == ()


def test_a_process_that_starts_later_is_governed_by_what_was_released(bureau: Bureau) -> None:
    proposed(bureau, "2026.10")
    release(bureau.home, bureau.ledger, CURRENT, latest(bureau), by="8003", now=NOW)
    back_to_shipped()
    assert load_profile("current").version == CURRENT.version
    adopted = adopt_released(bureau.home, bureau.ledger)
    assert adopted is not None
    assert load_profile("current") == adopted
    assert adopted.version == "2026.10"


def test_a_document_that_was_changed_governs_nothing(bureau: Bureau) -> None:
    sha256 = proposed(bureau, "2026.11")
    path = bureau.home.path / "profiles" / f"{sha256}.json"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"2026.11"', '"2026.12"'), "utf-8")
    with pytest.raises(VerificationError, match="missing or changed"):
        release(bureau.home, bureau.ledger, CURRENT, latest(bureau), by="8003", now=NOW)
    path.unlink()
    with pytest.raises(VerificationError, match="missing or changed"):
        release(bureau.home, bureau.ledger, CURRENT, latest(bureau), by="8003", now=NOW)


def test_a_draft_against_rules_that_have_changed_since_is_stale(bureau: Bureau) -> None:
    proposed(bureau, "2026.13")
    other = CURRENT.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ConflictError, match="run it dry again"):
        release(bureau.home, bureau.ledger, other, latest(bureau), by="8003", now=NOW)


def test_a_proposal_needs_a_version_and_a_reason(bureau: Bureau) -> None:
    with pytest.raises(UsageError, match="give it a new version"):
        proposed(bureau, CURRENT.version)
    with pytest.raises(UsageError, match="say why"):
        proposed(bureau, "2026.14", reason=" ")
    with pytest.raises(NotFoundError, match="there is no proposal"):
        release(bureau.home, bureau.ledger, CURRENT, 99, by="8003", now=NOW)
