"""Histories that are kept: what the archive holds of a run, and what the ledger says it must be.

Integrity is a matter of bytes: those that are stored hash to what the entry `case.history` says. They are
never written anew to be compared, because protobuf has no canonical form.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest

from sqlalchemy import Connection, select
from temporalio.api.history.v1 import History

from audit.history import MAX_FILE, BadHistoryError, Held, from_json, from_protobuf, run_of
from audit.verdicts import Check, Finding, Kind, Source, judged, skipped
from ledger.canonical import leaf_hash
from ledger.entry import Entry
from ledger.histories import HISTORY_TYPE, stream_of
from ledger.read import entries
from ledger.tables import ledger_history


@dataclass(frozen=True)
class Archived:
    """A history as it is stored."""

    run_id: str
    namespace: str
    workflow_id: str
    protobuf: bytes
    json_gzip: bytes

    def held(self) -> Held:
        """The history in the stored bytes. Raises BadHistoryError."""
        history = from_protobuf(self.protobuf, f"archive {self.run_id}")
        return Held(history, Source.ARCHIVE, self.run_id, self.namespace)


def archived_of(connection: Connection, case: str) -> dict[str, Archived]:
    """All stored histories of a case, by run."""
    columns = ledger_history.c
    query = select(
        columns.run_id, columns.namespace, columns.workflow_id, columns.protobuf, columns.json_gzip
    ).where(columns.case_id == case)
    return {
        row.run_id: Archived(
            row.run_id, row.namespace, row.workflow_id, bytes(row.protobuf), bytes(row.json_gzip)
        )
        for row in connection.execute(query)
    }


def exports_of(connection: Connection, case: str) -> dict[str, Entry]:
    """The entries that hold the hashes of a case's histories, by run."""
    found = entries(connection, stream_of(case))
    return {str(entry.data.get("run")): entry for entry in found if entry.type == HISTORY_TYPE}


def integrity(held: Held, archived: Archived | None, export: Entry | None) -> Check:
    """Judge the bytes of a history by what the ledger says of them."""
    if archived is None and export is None:
        return skipped(Kind.INTEGRITY, "尚未归档 / this run is not archived: no hash to compare with")
    return judged(Kind.INTEGRITY, _findings(held, archived, export))


def _findings(held: Held, archived: Archived | None, export: Entry | None) -> Iterator[Finding]:
    if archived is None or export is None:
        what = "档案 / the archive" if archived is None else "总账 / the ledger"
        yield Finding(said=f"{what} 中没有此历史 / holds nothing of it", entry=export.id if export else None)
        return
    for said in _told(archived, export):
        yield Finding(said=said, entry=export.id, seq=export.seq)
    yield from _copies(held, archived)


def _told(archived: Archived, export: Entry) -> Iterator[str]:
    """What the entry says of the stored bytes, and is not so."""
    told = export.data
    if leaf_hash(export.leaf) != export.leaf_hash:
        yield "导出记录哈希不符 / the export's entry does not hash to its leaf hash"
    if sha256(archived.protobuf).hexdigest() != told.get("protobuf_sha256"):
        yield "历史字节哈希不符 / the stored bytes are not the exported ones"
    text = _unzipped(archived.json_gzip)
    if text is None or sha256(text).hexdigest() != told.get("json_sha256"):
        yield "JSON 哈希不符 / the stored JSON is not the exported one"
    if (told.get("workflow"), told.get("run")) != (archived.workflow_id, archived.run_id):
        yield "索引与记录不属同一运行 / row and entry name different runs"


def _copies(held: Held, archived: Archived) -> Iterator[Finding]:
    """The history at hand, the stored bytes and the stored JSON are one and the same."""
    try:
        stored = archived.held()
        text = from_json(_unzipped(archived.json_gzip) or b"", f"archived JSON of {archived.run_id}")
    except BadHistoryError as error:
        yield Finding(said=error.message)
        return
    if (run_of(stored.history), stored.workflow_id) != (archived.run_id, archived.workflow_id):
        yield Finding(said="字节属另一运行 / the stored bytes are another run's", event=1)
    yield from _same(text, stored.history, "归档 JSON / archived JSON")
    if held.source is not Source.ARCHIVE:
        yield from _same(held.history, stored.history, f"{held.source}")


def _same(history: History, stored: History, what: str) -> Iterator[Finding]:
    """The first event in which a history is not the archived one."""
    for mine, other in zip_longest(history.events, stored.events):
        if mine != other:
            event = (mine or other).event_id
            yield Finding(said=f"{what}: 与归档历史不同 / differs from the archived history", event=event)
            return


def _unzipped(packed: bytes) -> bytes | None:
    """What is inside, None where it is broken or larger than any history."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            text = file.read(MAX_FILE + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return text if len(text) <= MAX_FILE else None
