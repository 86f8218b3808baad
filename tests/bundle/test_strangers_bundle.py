"""A stranger's bundle: whatever its bytes are, it is refused in a sentence, or it is what was written."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.bundle.check import check_bundle
from tests.bundle.evidence import Evidence

BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def extract(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle that examples damage and put right again."""
    return Path(shutil.copytree(written / "case", tmp_path_factory.mktemp("strange") / "case"))


@BOUNDED
@given(data=st.data())
def test_any_file_altered_with_its_line_in_the_list(
    extract: Path, proven: Evidence, data: st.DataObject
) -> None:
    manifest = extract / "manifest.json"
    listed, whole = json.loads(manifest.read_bytes()), manifest.read_bytes()
    name = data.draw(st.sampled_from(sorted(listed["files"])))
    path = extract / name
    honest = path.read_bytes()
    at, cut = data.draw(st.integers(0, len(honest))), data.draw(st.integers(0, 40))
    forged = honest[:at] + data.draw(st.binary(max_size=40)) + honest[at + cut :]
    listed["files"][name] = {"bytes": len(forged), "sha256": hashlib.sha256(forged).hexdigest()}
    try:
        path.write_bytes(forged)
        manifest.write_text(json.dumps(listed))
        report = check_bundle(extract, proven.policy)
    finally:
        path.write_bytes(honest)
        manifest.write_bytes(whole)
    if forged != honest:  # the auditor brought his own policy, and nobody signs a README: those are told
        assert not (report.verified and report.same_policy and report.own_guide), name
    assert all(" / " in each.detail for each in report.failures)


@BOUNDED
@given(raw=st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)))
def test_any_bytes_as_the_list(extract: Path, raw: bytes) -> None:
    manifest = extract / "manifest.json"
    whole = manifest.read_bytes()
    try:
        manifest.write_bytes(raw)
        report = check_bundle(extract)
    finally:
        manifest.write_bytes(whole)
    assert (report.verified, report.failure_count) == (False, 1)


def test_the_bundle_was_put_right_again(extract: Path, proven: Evidence) -> None:
    assert check_bundle(extract, proven.policy).verified
