"""What a leaf looks like, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
import rfc8785

from ledger.canonical import leaf_hash
from ledger.entry import MAX_LEAF, NO_HASH, describe, entry_id, instant, place, stable_part, stream_entry_id
from ledger.errors import BadEntryError, LeafTooLargeError, NotCanonicalError
from schemas.entries import EntryDraft, RecordRequest, SealedField
from tests.ledger.support import MONDAY, draft, provenance

RECORDED = datetime(2026, 6, 15, 1, 30, 1, tzinfo=UTC)
DIGEST = "A" * 43


def stable(entry: EntryDraft) -> dict[str, Any]:
    request = RecordRequest(matter="LX-1", now=MONDAY, history_length=7, entries=(entry,))
    return describe("land.example/ledger", request, 0, provenance("LX-1"))


def seal_of(digest: str) -> SealedField:
    return SealedField(name="applicant", digest=digest, ciphertext="x", key_id="k")


def test_a_leaf_has_exactly_these_attributes() -> None:
    full = draft(
        on_behalf_of="S009",
        auth_ref="grant-1",
        business_key="decision-1",
        notify=("S002",),
        sealed=(seal_of(DIGEST),),
    )
    entry = place(stable(full), seq=3, prev="cd" * 32, recorded=RECORDED, provenance=provenance("LX-1"))
    assert entry.event == {
        "specversion": "1.0",
        "id": entry_id(provenance("LX-1"), "case.accepted", 0),
        "source": "land.example/ledger",
        "type": "case.accepted",
        "subject": "LX-1",
        "time": "2026-06-15T09:30:00.000000+08:00",
        "dataschema": "urn:yangguang:entry:1",
        "datacontenttype": "application/json",
        "recordedtime": "2026-06-15T01:30:01.000000+00:00",
        "caseseq": 3,
        "prevhash": "cd" * 32,
        "actor": "S001",
        "actorrole": "window",
        "onbehalfof": "S009",
        "authref": "grant-1",
        "wfnamespace": "default",
        "wfid": "case/LX-1",
        "wfrunid": "run-1",
        "wftype": "CaseWorkflow",
        "activityid": "1",
        "activitytype": "record",
        "attempt": 1,
        "wfhistlen": 7,
        "inputhash": "ab" * 32,
        "appversion": "1.0",
        "data": {"opinion": "同意", "business_key": "decision-1", "notify": ["S002"], "_sd": [DIGEST]},
    }
    assert entry.leaf == rfc8785.dumps(entry.event)
    assert entry.leaf_hash == leaf_hash(entry.leaf)


def test_what_is_absent_is_left_out() -> None:
    entry = place(stable(draft()), seq=1, prev=NO_HASH, recorded=RECORDED, provenance=provenance("LX-1"))
    assert "onbehalfof" not in entry.event
    assert "authref" not in entry.event
    assert b"null" not in entry.leaf
    assert entry.data == {"opinion": "同意"}


def test_ids_follow_the_published_recipe() -> None:
    recipe: list[Any] = ["led1", "default", "case/LX-1", "run-1", "1", "case.accepted", 2]
    assert entry_id(provenance("LX-1"), "case.accepted", 2) == sha256(rfc8785.dumps(recipe)).hexdigest()
    other = ["led1x", "ledger.conflict", "ledger.conflict", "k"]
    expected = sha256(rfc8785.dumps(other)).hexdigest()
    assert stream_entry_id("ledger.conflict", "ledger.conflict", "k") == expected


def test_the_attempt_is_not_part_of_what_an_entry_is() -> None:
    first, second = provenance("LX-1"), provenance("LX-1", attempt=2, app_version="2.0")
    one = place(stable(draft()), seq=1, prev=NO_HASH, recorded=RECORDED, provenance=first)
    two = place(stable(draft()), seq=9, prev="cd" * 32, recorded=MONDAY, provenance=second)
    assert one.id == two.id
    assert stable_part(one.event) == stable_part(two.event)
    assert one.leaf != two.leaf


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 6, 15, tzinfo=UTC), "2026-06-15T00:00:00.000000+00:00"),
        (MONDAY.replace(microsecond=1), "2026-06-15T09:30:00.000001+08:00"),
        # Shanghai before 1901: RFC 3339 knows no offsets with seconds.
        (
            datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=8, minutes=5, seconds=43))),
            "1899-12-31T15:54:17.000000+00:00",
        ),
    ],
)
def test_instants_have_one_shape(moment: datetime, written: str) -> None:
    assert instant(moment) == written


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(BadEntryError, match="without an offset"):
        instant(datetime(2026, 6, 15))  # noqa: DTZ001


@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"_sd": []}},
        {"data": {"notify": []}},
        {"data": {"business_key": "x"}},
        {"actor": "S\0001"},
        {"business_key": "a\0"},
        {"notify": ("\0",)},
        {"sealed": (seal_of("short"),)},
        {"sealed": (seal_of(DIGEST), seal_of(DIGEST))},
    ],
    ids=repr,
)
def test_entries_that_would_mislead_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadEntryError, match=r"LX-1 case\.accepted"):
        stable(draft(**fields))


def test_an_entry_without_workflow_needs_a_business_key() -> None:
    request = RecordRequest(matter="attempts", now=MONDAY, entries=(draft(),))
    with pytest.raises(BadEntryError, match="business key"):
        describe("o", request, 0, None)


def test_a_leaf_fits_an_entry_bundle_or_is_refused() -> None:
    def leaf_of(size: int) -> int:
        text = stable(draft(data={"text": "x" * size}))
        return len(place(text, seq=1, prev=NO_HASH, recorded=RECORDED, provenance=provenance("LX-1")).leaf)

    spare = MAX_LEAF - leaf_of(0)
    assert leaf_of(spare) == MAX_LEAF
    with pytest.raises(LeafTooLargeError, match=r"LX-1 case\.accepted.*65536 bytes"):
        leaf_of(spare + 1)


def test_a_float_is_refused_with_its_place() -> None:
    bad = stable(draft(data={"fee": {"yuan": 1.5}}))
    with pytest.raises(NotCanonicalError, match=r"LX-1 case\.accepted: .*float 1\.5"):
        place(bad, seq=1, prev=NO_HASH, recorded=RECORDED, provenance=None)
