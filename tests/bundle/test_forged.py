"""Forged bundles, their lists repaired: each is found by the check that it is for, at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.bundle.check import check_bundle
from ledger.bundle.select import leaves
from ledger.db import snapshot
from ledger.merkle import leaf_hash
from ledger.notes import Note, parse_note
from tests.bundle.conftest import Copy
from tests.bundle.evidence import OPEN, Evidence
from tests.bundle.forging import checks, first, flip, forge, left_out, put, swapped


def test_a_changed_entry(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    told, instead = "第1条 🏛".encode(), "第2条 🏛".encode()
    forge(folder, "tile/entries/000", lambda raw: raw.replace(told, instead, 1))
    report = check_bundle(folder, proven.policy)
    assert checks(report) >= {"root", "tile", "chain"}
    assert ("tile", "tile/0/000") in {(each.check, each.place) for each in report.failures}


def test_two_entries_swapped(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    forge(folder, "tile/entries/000", swapped)
    assert checks(check_bundle(folder, proven.policy)) >= {"root", "tile", "chain"}


@pytest.mark.parametrize("cut", [1, 40])
def test_an_entry_bundle_cut_short(proven: Evidence, copy: Copy, cut: int) -> None:
    folder = copy()
    forge(folder, "tile/entries/000", lambda raw: raw[:-cut])
    assert checks(check_bundle(folder, proven.policy)) == {"bad_bundle"}


def test_a_changed_tile(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    forge(folder, "tile/0/000", flip(5))
    assert checks(check_bundle(folder, proven.policy)) == {"tile"}


def test_an_added_tile(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    put(folder, "tile/0/009", bytes(8192))
    assert checks(check_bundle(folder, proven.policy)) == {"tile", "file"}


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints/*"])
def test_a_changed_checkpoint(proven: Evidence, copy: Copy, name: str) -> None:
    folder = copy()
    forge(folder, first(folder, name), lambda raw: raw.replace(b"\n", b"\n1", 1))
    assert checks(check_bundle(folder, proven.policy)) <= {"bad_note", "note"}


def test_a_checkpoint_signed_anew_for_another_tree(proven: Evidence, copy: Copy) -> None:
    """The log's own keys sign another root: its witness did not, and the entries do not give it."""
    folder = copy()

    def resign(raw: bytes) -> bytes:
        origin, size, _, *_ = parse_note(raw).text.split("\n")
        text = f"{origin}\n{size}\n{'A' * 43}=\n"
        keys = proven.keeping.keyring.active
        return Note(text, tuple(key.sign(text, proven.keeping.now()) for key in keys)).encode()

    forge(folder, "checkpoint", resign)
    assert checks(check_bundle(folder, proven.policy)) >= {"quorum", "root"}


def test_an_older_checkpoint_in_place_of_the_newest(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    older = (folder / first(folder, "checkpoints/*")).read_bytes()
    forge(folder, "checkpoint", lambda _: older)
    assert checks(check_bundle(folder, proven.policy)) >= {"note", "tile"}


@pytest.mark.parametrize("name", ["*.note", "*.tsr"])
def test_a_changed_token(proven: Evidence, copy: Copy, name: str) -> None:
    folder = copy()
    forge(folder, first(folder, f"tokens/{name}"), flip(60))
    assert checks(check_bundle(folder, proven.policy)) == {"token"}


@pytest.mark.parametrize("name", ["*.pb", "*.json"])
def test_a_changed_history(proven: Evidence, copy: Copy, name: str) -> None:
    folder = copy()
    forge(folder, first(folder, f"histories/{name}"), flip(3))
    assert checks(check_bundle(folder, proven.policy)) == {"history"}


def test_a_history_left_out(proven: Evidence, copy: Copy) -> None:
    folder = copy()
    name = first(folder, "histories/*.pb")
    left_out(folder, name)
    assert checks(check_bundle(folder, proven.policy)) == {"history"}


def test_a_changed_entry_of_an_extract(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    name = first(folder, "entry/*.json")
    forge(folder, name, lambda raw: raw.replace(b'"actor":"', b'"actor":"X', 1))
    report = check_bundle(folder, proven.policy)
    assert ("proof", name.replace(".json", ".tlog-proof")) in {(e.check, e.place) for e in report.failures}


def test_an_entry_of_an_extract_left_out(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    of_case = [p for p in folder.glob("entry/*.json") if json.loads(p.read_bytes())["subject"] == OPEN]
    middle = sorted(of_case, key=lambda p: int(p.stem))[1]
    left_out(folder, f"entry/{middle.name}", f"entry/{middle.stem}.tlog-proof")
    assert checks(check_bundle(folder, proven.policy)) == {"chain"}


def test_a_proof_of_another_entry(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    one, two, *_ = sorted(folder.glob("entry/*.tlog-proof"))
    forge(folder, str(one.relative_to(folder)), lambda _: two.read_bytes())
    assert checks(check_bundle(folder, proven.policy)) == {"proof"}


def test_a_changed_consistency_proof(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    forge(folder, first(folder, "consistency/*"), lambda raw: raw[45:] + raw[:45])
    assert checks(check_bundle(folder, proven.policy)) == {"root"}


def test_an_opening_of_somebody_else(proven: Evidence, copy: Copy) -> None:
    folder = copy("case")
    name = first(folder, "openings/*")
    forge(folder, name, lambda raw: raw.replace(raw[2:12], b"WyJBQUFBQU", 1))
    assert checks(check_bundle(folder, proven.policy)) == {"opening"}


def test_the_leaves_are_those_of_the_ledger(proven: Evidence, written: Path) -> None:
    """What an auditor computes by hand from the first entry is what the ledger holds."""
    raw = (written / "log" / "tile" / "entries" / "000").read_bytes()
    leaf = raw[2 : 2 + int.from_bytes(raw[:2], "big")]
    with snapshot(proven.ledger.engine) as connection:
        assert next(leaves(connection, 1)) == leaf
    assert (written / "log" / "tile" / "0" / "000").read_bytes()[:32] == leaf_hash(leaf)
