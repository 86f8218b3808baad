"""What is put beside good evidence, or claimed of it, and must not be taken for evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.bundle.check import check_bundle
from ledger.bundle.layout import MANIFEST_LINE
from ledger.merkle import MAX_SIZE
from ledger.notes import KeyKind, Note, Policy, generate_key, parse_note, parse_tlog_proof
from ledger.notes.policy import LogKey
from tests.bundle.conftest import Copy
from tests.bundle.evidence import LONG, OPEN, Evidence
from tests.bundle.forging import change, checks, first, forge, left_out, put


@pytest.mark.parametrize(
    ("bundle", "name"),
    [
        ("log", "entry/7.json"),
        ("log", "consistency/11"),
        ("log", "tokens/11-7.note"),
        ("case", "tile/0/000"),
        ("case", "entry/7.tlog-proof"),
        ("case", "consistency/5"),
        ("case", "tokens/11-7.note"),
    ],
)
def test_a_file_that_nothing_is_checked_against(proven: Evidence, copy: Copy, bundle: str, name: str) -> None:
    folder = copy(bundle)
    put(folder, name, b"{}")
    report = check_bundle(folder, proven.policy)
    assert (report.verified, [(e.check, e.place) for e in report.failures]) == (False, [("file", name)])


@pytest.mark.parametrize(
    "name", ["entry/003.json", "entry/\N{ARABIC-INDIC DIGIT THREE}.json", "checkpoints/011"]
)
def test_a_number_has_one_spelling(proven: Evidence, copy: Copy, name: str) -> None:
    folder = copy("case")
    put(folder, name, b"{}")
    report = check_bundle(folder, proven.policy)
    assert "no bundle has a file of this name" in report.failures[0].detail


def test_an_empty_folder(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    (folder / "\x1b[2J").mkdir()
    (failure,) = check_bundle(folder, proven.policy).failures
    assert "empty folder" in failure.detail
    assert "\x1b" not in failure.detail


# -- claims of the list -------------------------------------------------------------------------


def test_a_whole_log_is_no_extract_and_an_extract_no_whole_log(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    change(folder, lambda listed: listed.update({"case": OPEN}))
    assert checks(check_bundle(folder, proven.policy)) >= {"entry", "file"}
    folder = copy("case")
    change(folder, lambda listed: listed.update({"case": None}))
    assert checks(check_bundle(folder, proven.policy)) == {"bad_bundle"}
    change(folder, lambda listed: listed.update({"case": ""}))
    assert checks(check_bundle(folder, proven.policy)) == {"bad_bundle"}


@pytest.mark.parametrize("case", [LONG, f"history/{OPEN}", "ledger.key"])
def test_an_extract_of_another_case(proven: Evidence, copy: Copy, case: str) -> None:
    folder = copy("case")
    change(folder, lambda listed: listed.update({"case": case}))
    assert "entry" in checks(check_bundle(folder, proven.policy))


@pytest.mark.parametrize(("name", "value"), [("size", 314), ("size", 316), ("origin", "land.example/other")])
def test_size_and_origin_are_those_of_the_checkpoint(
    proven: Evidence, copy: Copy, name: str, value: object
) -> None:
    folder = copy()
    change(folder, lambda listed: listed.update({name: value}))
    assert "note" in checks(check_bundle(folder, proven.policy))


def test_simulated_times_are_told(proven: Evidence, copy: Copy) -> None:
    """It cannot be disproved; so it is said, and the README is not the one of such a bundle."""
    folder = copy()
    change(folder, lambda listed: listed.update({"simulated": True}))
    report = check_bundle(folder, proven.policy)
    assert (report.verified, report.simulated, report.own_guide) == (True, True, False)


def test_a_list_longer_than_its_files_need(copy: Copy) -> None:
    folder = copy("case")
    files = sum(path.is_file() for path in folder.rglob("*"))
    (folder / "manifest.json").write_bytes(b" " * (MANIFEST_LINE * (files + 2)))
    (failure,) = check_bundle(folder).failures
    assert "more than" in failure.detail


def test_names_of_a_stranger_are_told_short_and_on_one_line(copy: Copy) -> None:
    folder = copy()
    change(folder, lambda listed: listed["files"].update({"\x1b]0;" + "x" * 2000: listed["files"]["policy"]}))
    (failure,) = check_bundle(folder).failures
    assert len(failure.place) <= 200
    assert "\x1b" not in failure.place


def test_a_checkpoint_of_a_log_that_no_folder_could_hold(copy: Copy) -> None:
    """Under keys that came with it anything can be signed: it must not fill the memory."""
    folder = copy()
    key = generate_key("land.example/ledger", KeyKind.ED25519)
    text = f"land.example/ledger\n{MAX_SIZE - 1}\n{'A' * 43}=\n"
    forge(folder, "checkpoint", lambda _: Note(text, (key.sign(text, datetime.now(UTC)),)).encode())
    forge(folder, "policy", lambda _: Policy().with_log(LogKey(key.verifier)).encode())
    change(folder, lambda listed: listed.update({"size": MAX_SIZE - 1}))
    report = check_bundle(folder)
    assert any("cannot hold" in each.detail for each in report.failures)


# -- keys, roots, policy, advice -----------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["keys/*.vkey", "keys/*.pem"])
def test_a_key_file_that_is_not_the_policys(proven: Evidence, copy: Copy, pattern: str) -> None:
    folder = copy()
    name = first(folder, pattern)
    stranger = generate_key("land.example/ledger", KeyKind.ED25519).verifier
    forge(folder, name, lambda _: stranger.vkey.encode() if name.endswith("vkey") else stranger.pem())
    for policy in (proven.policy, None):
        report = check_bundle(folder, policy)
        assert {(e.check, e.place) for e in report.failures} == {("keys", name)}
    left_out(folder, name)
    assert checks(check_bundle(folder, proven.policy)) == {"keys"}


def test_a_root_more(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    name = first(folder, "tsa/*")
    put(folder, f"tsa/{'0' * 64}.pem", (folder / name).read_bytes())
    assert checks(check_bundle(folder, proven.policy)) == {"tsa"}
    left_out(folder, f"tsa/{'0' * 64}.pem")
    forge(folder, name, lambda raw: raw + raw)
    assert checks(check_bundle(folder, proven.policy)) == {"tsa"}


def test_another_policy_in_the_bundle_is_told(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    assert check_bundle(folder, proven.policy).same_policy
    forge(folder, "policy", lambda raw: raw.replace(b"quorum audit", b"quorum none"))
    report = check_bundle(folder, proven.policy)
    assert (report.verified, report.anchored, report.same_policy) == (True, True, False)
    report = check_bundle(folder)  # with its own policy nobody outside is asked for
    assert (report.verified, report.anchored, report.own_policy) == (True, False, True)
    forge(folder, "policy", lambda raw: raw + b"quorum none\n")
    assert checks(check_bundle(folder, proven.policy)) >= {"policy"}


@pytest.mark.parametrize("bundle", ["log", "case"])
def test_a_changed_readme_is_told(proven: Evidence, copy: Copy, bundle: str) -> None:
    folder = copy(bundle)
    assert check_bundle(folder, proven.policy).own_guide
    forge(folder, "README.md", lambda raw: raw.replace(b"openssl pkeyutl -verify", b"true"))
    report = check_bundle(folder, proven.policy)
    assert (report.verified, report.own_guide) == (True, False)


# -- extracts ------------------------------------------------------------------------------------


def test_an_entry_of_another_case_in_an_extract(
    proven: Evidence, written: Path, copy: Copy, tmp_path: Path
) -> None:
    """It is in the log, with a good proof; but this is not the extract it belongs in."""
    folder = copy("case")
    proven.write(tmp_path / "other", LONG)
    said = {path: json.loads(path.read_bytes()) for path in (tmp_path / "other").glob("entry/*.json")}
    start = next(path for path, entry in said.items() if (entry["subject"], entry["caseseq"]) == (LONG, 1))
    for path in (start, start.with_suffix(".tlog-proof")):
        put(folder, f"entry/{path.name}", path.read_bytes())
    report = check_bundle(folder, proven.policy)
    assert [(e.check, e.place) for e in report.failures] == [("entry", f"entry {start.stem}")]


def _without_signatures(raw: bytes) -> bytes:
    head, _, note = raw.partition(b"\n\n")
    kept = parse_note(note)
    return head + b"\n\n" + Note(kept.text, kept.signatures[:1]).encode()


def _with_extra(raw: bytes) -> bytes:
    return raw.replace(b"index", b"extra SGVsbG8=\nindex", 1)


@pytest.mark.parametrize("how", [_without_signatures, _with_extra])
def test_what_nothing_vouches_for_in_a_proof(
    proven: Evidence, copy: Copy, how: Callable[[bytes], bytes]
) -> None:
    folder = copy("case")
    name = first(folder, "entry/*.tlog-proof")
    forge(folder, name, how)
    parse_tlog_proof((folder / name).read_bytes())
    assert checks(check_bundle(folder, proven.policy)) == {"proof"}


def test_a_checkpoint_under_a_wrong_name(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    put(folder, "checkpoints/12", (folder / first(folder, "checkpoints/*")).read_bytes())
    assert checks(check_bundle(folder, proven.policy)) == {"note"}


# -- openings and histories ----------------------------------------------------------------------


def test_openings_of_an_entry_that_is_not_there(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    put(folder, f"openings/{'0' * 64}.json", b"[]")
    report = check_bundle(folder, proven.policy)
    assert {(e.check, e.place) for e in report.failures} == {("opening", f"openings/{'0' * 64}.json")}


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"[1]", b"[" * 100_000, b"null", b"\xff"])
def test_openings_that_are_none(proven: Evidence, copy: Copy, raw: bytes) -> None:
    folder = copy("case")
    forge(folder, first(folder, "openings/*"), lambda _: raw)
    assert checks(check_bundle(folder, proven.policy)) == {"opening"}


def test_a_history_under_the_other_kind_of_name(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    name = first(folder, "histories/*.pb")
    content = (folder / name).read_bytes()
    left_out(folder, name)
    put(folder, name.replace(".pb", ".json"), content)
    assert checks(check_bundle(folder, proven.policy)) == {"history"}


def test_the_time_of_a_token_is_told_with_what_was_stamped(proven: Evidence, written: Path) -> None:
    report = check_bundle(written / "log", proven.policy)
    (stamp,) = report.stamped
    assert stamp.size < report.size
    assert timedelta() <= proven.keeping.now() - stamp.time < timedelta(hours=1)
