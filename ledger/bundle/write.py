"""Writing a bundle: the log as its tiles and entries, or the entries of one case, each with its proof.

Everything is written beside its place and moved there whole: a bundle is complete or not there at all.
What is stored is written as it is stored, byte for byte: a bundle proves the ledger, it does not tidy it.
"""

from __future__ import annotations

import shutil
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from ledger.anchors.timestamps import load_roots
from ledger.bundle import select
from ledger.bundle.guide import guide
from ledger.bundle.layout import CHECKPOINT, FORMAT, MANIFEST, POLICY, README, File, Manifest
from ledger.bundle.trusted import key_files, root_file
from ledger.canonical import canonical
from ledger.history_checks import unpacked
from ledger.merkle import HASH_BYTES, WIDTH, consistency_proof, inclusion_proof, tile_path, tiles_of
from ledger.notes import Checkpoint, Note, Policy, TlogProof, parse_checkpoint
from ledger.sealing.seal import stored_tile
from ledger.sealing.stored import newest_note, note_at, tree_of
from schemas.errors import ConflictError, NotFoundError, UnavailableError, UsageError

Advance = Callable[[int], None]


class Folder:
    """A bundle as it grows: every file is noted with its size and digest."""

    def __init__(self, path: Path) -> None:
        """`path` is there and empty."""
        self.path = path
        self.files: dict[str, File] = {}

    def put(self, name: str, content: bytes) -> None:
        """Write one file. What is content-addressed may come twice."""
        if name in self.files:
            return
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        self.files[name] = File(bytes=len(content), sha256=sha256(content).hexdigest())

    def finish(self, **manifest: object) -> Manifest:
        """Write the list of everything."""
        listed = Manifest.model_validate({"format": FORMAT, "files": self.files, **manifest})
        (self.path / MANIFEST).write_text(listed.model_dump_json(indent=1) + "\n", encoding="utf-8")
        return listed


def write_bundle(
    connection: Connection,
    out: Path,
    policy: Policy,
    *,
    roots: Sequence[bytes] = (),
    case: str | None = None,
    until: int | None = None,
    openings: bool = False,
    advance: Advance = lambda n: None,
) -> Manifest:
    """Write the whole log, or the extract of one case, to the new folder `out`; returns its manifest.

    `connection` sees one state (`ledger.db.snapshot`). `roots` are certificates (PEM) of time-stampers.
    `until` ends an extract with that entry of the case, without histories, which tell of all that follows.
    `openings` adds the disclosures of sealed fields that were not redacted: personal data in clear. Who
    complained or reported is never among them: reading that is an act with an entry of its own.
    `advance` is told how many entries more are written. Raises ConflictError where `out` exists,
    NotFoundError for a case of which nothing is signed, UsageError for a log without checkpoint.
    """
    note = newest_note(connection)
    if note is None:
        raise UsageError(
            "尚无签名的检查点 / nothing is signed yet: run `yangguang ledger seal` first",
            code="nothing_signed",
        )
    head = parse_checkpoint(note.text)
    with _whole_or_not_at_all(out) as folder:
        if case is None:
            _write_log(connection, folder, head.size, advance)
        else:
            _write_case(connection, folder, note, head, case, until, advance)
        _write_checkpoints(connection, folder, note, head, extract=case is not None)
        _write_trust(folder, policy, roots)
        if until is None:
            _write_histories(connection, folder, head.size, case)
        if openings:
            for entry_id, opened in select.openings(connection, head.size, case):
                folder.put(f"openings/{entry_id}.json", canonical(opened))
        simulated = select.simulated(connection)
        folder.put(README, guide(folder.path, note, policy, case, simulated=simulated).encode())
        return folder.finish(
            origin=head.origin,
            simulated=simulated,
            size=head.size,
            case=case,
            later=select.later(connection, head.size),
        )


def _write_log(connection: Connection, folder: Folder, size: int, advance: Advance) -> None:
    for tile, width in tiles_of(size):
        hashes = stored_tile(connection, tile)[: width * HASH_BYTES]
        folder.put(tile_path(*tile, width), hashes)
    for number, leaves in enumerate(_portions(select.leaves(connection, size))):
        framed = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
        folder.put(tile_path("entries", number, len(leaves)), framed)
        advance(len(leaves))


def _portions(leaves: Iterator[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    for leaf in leaves:
        portion.append(leaf)
        if len(portion) == WIDTH:
            yield portion
            portion = []
    if portion:
        yield portion


def _write_case(
    connection: Connection,
    folder: Folder,
    note: Note,
    head: Checkpoint,
    case: str,
    until: int | None,
    advance: Advance,
) -> None:
    found, tree = False, tree_of(connection, head.size)
    for index, leaf in select.leaves_about(connection, head.size, case, until):
        found = True
        proof = tuple(inclusion_proof(index, head.size, tree.subtree))
        folder.put(f"entry/{index}.json", leaf)
        folder.put(f"entry/{index}.tlog-proof", TlogProof(index, proof, note).encode())
        advance(1)
    if not found:
        raise NotFoundError(f"已签名的总账中没有 {case} / the signed log holds nothing of {case}")


def _write_checkpoints(
    connection: Connection, folder: Folder, note: Note, head: Checkpoint, *, extract: bool
) -> None:
    """The newest checkpoint, the earlier ones, their tokens; an extract proves that they belong together."""
    folder.put(CHECKPOINT, note.encode())
    tree = tree_of(connection, head.size)
    for size in select.earlier_sizes(connection, head.size, anchored_only=extract):
        folder.put(f"checkpoints/{size}", note_at(connection, size).encode())
        if extract:
            proof = consistency_proof(size, head.size, tree.subtree)
            folder.put(f"consistency/{size}", "".join(f"{b64encode(h).decode()}\n" for h in proof).encode())
    for n, (size, stamped, token) in enumerate(select.tokens(connection, head.size)):
        folder.put(f"tokens/{size}-{n}.note", stamped)
        folder.put(f"tokens/{size}-{n}.tsr", token)


def _write_trust(folder: Folder, policy: Policy, roots: Sequence[bytes]) -> None:
    folder.put(POLICY, policy.encode())
    for name, content in key_files(policy).items():
        folder.put(name, content)
    for pem in roots:
        for certificate in load_roots(pem):
            folder.put(*root_file(certificate))


def _write_histories(connection: Connection, folder: Folder, size: int, case: str | None) -> None:
    for row in select.histories(connection, size, case):
        folder.put(f"histories/{row.protobuf_sha256}.pb", bytes(row.protobuf))
        plain = unpacked(bytes(row.json_gzip))
        if plain is not None:  # else its absence is found and told by whoever checks
            folder.put(f"histories/{row.json_sha256}.json", plain)


@contextmanager
def _whole_or_not_at_all(out: Path) -> Iterator[Folder]:
    """A folder beside `out` that becomes `out` once everything in it is written."""
    if out.exists() or out.is_symlink():
        raise ConflictError(f"{out} 已存在 / {out} exists already: choose a new folder")
    try:
        draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise UnavailableError(f"无法写入 / cannot write beside {out}: {error.strerror}") from error
    try:
        yield Folder(draft)
        draft.rename(out)
    except OSError as error:
        raise UnavailableError(f"写入失败 / writing the bundle failed: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
