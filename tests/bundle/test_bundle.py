"""Bundles: what is written holds; whatever is done to one is found, at its place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.bundle.check import check_bundle
from ledger.bundle.write import write_bundle
from ledger.db import snapshot
from ledger.notes import KeyKind, Policy, generate_key
from ledger.notes.policy import LogKey
from ledger.openings import parse_opening
from schemas.errors import ConflictError, NotFoundError
from tests.bundle.conftest import Copy
from tests.bundle.evidence import LONG, OPEN, REDACTED, RUNS, Evidence
from tests.bundle.forging import change


def test_a_whole_log_holds(proven: Evidence, written: Path) -> None:
    report = check_bundle(written / "log", proven.policy)
    assert report.failures == ()
    assert (report.verified, report.anchored, report.own_policy, report.case) == (True, True, False, None)
    assert report.size == report.entries > 300
    assert (len(report.signed_by), len(report.cosigned_by), len(report.stamped)) == (2, 1, 1)
    assert report.histories == len(RUNS)


def test_an_extract_holds(proven: Evidence, written: Path) -> None:
    report = check_bundle(written / "case", proven.policy)
    assert report.failures == ()
    assert (report.verified, report.anchored, report.case) == (True, True, OPEN)
    assert report.entries < 20 < report.size
    assert (report.openings, report.histories) == (1, 1)
    (opened,) = (written / "case" / "openings").iterdir()
    assert {parse_opening(each).value for each in json.loads(opened.read_bytes())} == {"张三丰", "0532-1"}


def test_an_extract_that_ends_early_holds_and_tells_nothing_of_what_follows(
    proven: Evidence, tmp_path: Path
) -> None:
    """Not even a history, which would tell of everything."""
    with snapshot(proven.ledger.engine) as connection:
        write_bundle(connection, tmp_path / "early", proven.policy, case=LONG, until=2)
    report = check_bundle(tmp_path / "early", proven.policy)
    leaves = [json.loads(each.read_bytes()) for each in (tmp_path / "early" / "entry").glob("*.json")]
    assert sorted(each["caseseq"] for each in leaves if each["subject"] == LONG) == [1, 2]
    assert {each["type"] for each in leaves if each["subject"] != LONG} <= {"ledger.key"}
    assert (report.histories, report.case) == (0, LONG)
    assert {each.check for each in report.failures} <= {"token"}  # the authority's roots were not handed in


def test_the_bundles_own_policy_proves_less(written: Path) -> None:
    report = check_bundle(written / "log")
    assert (report.verified, report.own_policy) == (True, True)


def test_a_foreign_policy_refuses_it(written: Path) -> None:
    stranger = Policy().with_log(LogKey(generate_key("land.example/ledger", KeyKind.ED25519).verifier))
    assert [each.check for each in check_bundle(written / "log", stranger).failures] == ["bad_note"]


def test_personal_data_is_in_no_bundle_unless_asked_for(written: Path) -> None:
    files = [path for path in (written / "log").rglob("*") if path.is_file()]
    assert files
    assert not any("张三丰".encode() in path.read_bytes() for path in files)


def test_what_was_redacted_cannot_be_written(proven: Evidence, tmp_path: Path) -> None:
    proven.write(tmp_path / "log", openings=True)
    report = check_bundle(tmp_path / "log", proven.policy)
    assert report.failures == ()
    assert report.openings == 2  # of three cases one is redacted
    proven.write(tmp_path / "case", REDACTED, openings=True)
    extract = check_bundle(tmp_path / "case", proven.policy)
    assert (extract.failures, extract.openings) == ((), 0)
    said = [json.loads(path.read_bytes()) for path in (tmp_path / "case").glob("entry/*.json")]
    assert [entry["data"]["case"] for entry in said if entry["type"] == "ledger.redaction"] == [REDACTED]


def test_nothing_is_written_over_and_nothing_half_done(proven: Evidence, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(ConflictError):
        proven.write(tmp_path / "there")
    with pytest.raises(NotFoundError):
        proven.write(tmp_path / "new", "LX-404")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


# -- what happens to a bundle on its way: files ------------------------------------------------


def _missing(folder: Path) -> str:
    (folder / "policy").unlink()
    return "policy"


def _added(folder: Path) -> str:
    (folder / "entry").mkdir()
    (folder / "entry" / "7.json").write_bytes(b"{}")
    return "entry/7.json"


def _grown(folder: Path) -> str:
    with (folder / "README.md").open("ab") as file:
        file.write(b" ")
    return "README.md"


@pytest.mark.parametrize("damage", [_missing, _added, _grown])
def test_missing_added_and_grown_files(copy: Copy, damage: Callable[[Path], str]) -> None:
    folder = copy()
    place = damage(folder)
    report = check_bundle(folder)
    assert [(each.check, each.place) for each in report.failures] == [("file", place)]


def _named_otherwise(folder: Path) -> None:
    (folder / "note.txt").write_bytes(b"hello")


def _link(folder: Path) -> None:
    (folder / "policy").unlink()
    (folder / "policy").symlink_to("checkpoint")


def _link_outside(folder: Path) -> None:
    (folder / "tsa").rename(folder.parent / "tsa")
    (folder / "tsa").symlink_to(folder.parent / "tsa")


def _hard_link(folder: Path) -> None:
    (folder / "policy").unlink()
    os.link(folder / "checkpoint", folder / "policy")


def _pipe(folder: Path) -> None:
    (folder / "policy").unlink()
    os.mkfifo(folder / "policy")


def _huge(folder: Path) -> None:
    with (folder / "policy").open("ab") as file:
        file.truncate(1 << 30)


def _deep(folder: Path) -> None:
    (folder / "/".join("abcdefghijkl")).mkdir(parents=True)


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _manifest_that_traverses(folder: Path) -> None:
    change(folder, lambda listed: listed["files"].update({"../outside": listed["files"]["policy"]}))


def _manifest_with_more(folder: Path) -> None:
    change(folder, lambda listed: listed.update({"trusted": True}))


def _manifest_of_another_format(folder: Path) -> None:
    change(folder, lambda listed: listed.update({"format": "yangguang-bundle/2"}))


def _manifest_no_json(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff{" * 9)


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (_named_otherwise, "no bundle has a file of this name"),
        (_link, "is a link"),
        (_link_outside, "is a link"),
        (_hard_link, "is a link"),
        (_pipe, "no regular file"),
        (_huge, "at most"),
        (_deep, "nested too deep"),
        (_no_manifest, "cannot be read"),
        (_manifest_that_traverses, "listed, but not there"),
        (_manifest_with_more, "cannot be read"),
        (_manifest_of_another_format, "cannot be read"),
        (_manifest_no_json, "cannot be read"),
    ],
)
def test_what_no_bundle_holds(copy: Copy, damage: Callable[[Path], None], word: str) -> None:
    folder = copy()
    damage(folder)
    report = check_bundle(folder)
    assert not report.verified
    assert word in report.failures[0].detail


@pytest.mark.parametrize("place", ["", "nowhere", "policy"])
def test_a_folder_that_is_no_bundle(copy: Copy, tmp_path: Path, place: str) -> None:
    report = check_bundle(copy() / place if place == "policy" else tmp_path / place)
    assert (report.verified, report.failure_count) == (False, 1)
