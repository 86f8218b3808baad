"""A bundle under check: its files, its newest checkpoint, and every claim about the tree that is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from ledger.anchors.timestamps import load_roots, trusted_roots, verify_token
from ledger.bundle.files import read_listed
from ledger.bundle.layout import CHECKPOINT, Manifest
from ledger.bundle.report import KEPT, BundleFailure, Stamp
from ledger.notes import Checked, Checkpoint, Policy
from ledger.verifier.trust import Bound
from schemas.errors import YangguangError


@dataclass
class Bundle:
    """What is known of a bundle while it is checked."""

    folder: Path
    manifest: Manifest
    policy: Policy
    """The one it is checked with."""
    advance: Callable[[int], None]
    failures: list[BundleFailure] = field(default_factory=list)
    failure_count: int = 0
    claims: list[tuple[str, Checkpoint]] = field(default_factory=list)
    """(file, checkpoint) of everything signed or stamped; the tree has to agree."""
    bounds: list[Bound] = field(default_factory=list)
    """When somebody signed or stamped a tree."""
    stamps: list[Stamp] = field(default_factory=list)
    _unread: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """The newest checkpoint must hold before anything else is looked at. Raises NoteError."""
        self._unread = set(self.manifest.files)
        self.newest: Checked = self.policy.check(self.read(CHECKPOINT))
        self.head: Checkpoint = self.newest.checkpoint
        if self.head.size != self.manifest.size:
            told = f"与清单不符 / checkpoint of {self.head.size} entries, {self.manifest.size} are listed"
            self.fail("note", CHECKPOINT, told)
        if not self.newest.quorum:
            told = "见证不足 / the witnesses that the policy asks for have not cosigned this checkpoint"
            self.fail("quorum", CHECKPOINT, told)
        self._claim(CHECKPOINT, self.newest)
        self._bound(self.newest)

    def fail(self, check: str, place: str, detail: str) -> None:
        """Note one failure; a bounded number is kept."""
        self.failure_count += 1
        if len(self.failures) < KEPT:
            self.failures.append(BundleFailure(check=check, place=place, detail=detail))

    def read(self, name: str) -> bytes:
        """A file as it is listed. Raises BundleError."""
        self._unread.discard(name)
        return read_listed(self.folder, self.manifest, name)

    def names(self, prefix: str, suffix: str = "") -> list[str]:
        """Listed files below a folder, in the order of their names."""
        return sorted(n for n in self.manifest.files if n.startswith(prefix) and n.endswith(suffix))

    def refuse_unread(self) -> None:
        """What no check has looked at proves nothing, and might be taken for evidence."""
        for name in sorted(self._unread):
            self.fail("file", name, "多余的文件 / nothing in this bundle needs this file")

    def collect_checkpoints(self) -> None:
        """Check the signatures of the earlier checkpoints."""
        for name in self.names("checkpoints/"):
            try:
                checked = self.policy.check(self.read(name))
            except YangguangError as problem:
                self.fail("note", name, problem.message)
                continue
            self._claim(name, checked)
            self._bound(checked)

    def collect_tokens(self) -> None:
        """Check the time-stamps against the roots that the policy names."""
        roots = [root for name in self.names("tsa/") for root in load_roots(self.read(name))]
        trusted = [root for each in self.policy.authorities for root in trusted_roots(roots, each)]
        for name in self.names("tokens/", ".tsr"):
            try:
                self._collect_token(name, trusted)
            except YangguangError as problem:
                self.fail("token", name, problem.message)

    def _collect_token(self, name: str, trusted: Sequence[x509.Certificate]) -> None:
        stamped = name.removesuffix(".tsr") + ".note"
        token, note = self.read(name), self.read(stamped)
        at = verify_token(token, note, trusted)
        checked = self.policy.check(note)
        self._claim(stamped, checked)
        self.stamps.append(Stamp(size=checked.checkpoint.size, time=at))
        self.bounds.append(Bound(checked.checkpoint.size, at, floor=False))

    def _claim(self, name: str, checked: Checked) -> None:
        checkpoint = checked.checkpoint
        if checkpoint.origin != self.manifest.origin or checkpoint.size > self.manifest.size:
            told = "与清单不符 / not a checkpoint of the log and size that the manifest names"
            self.fail("note", name, told)
        named = name.partition("/")[2].partition("-")[0]
        if named and named != str(checkpoint.size):
            self.fail("note", name, f"名称不符 / its name is not its size, {checkpoint.size}")
        self.claims.append((name, checkpoint))

    def _bound(self, checked: Checked) -> None:
        times = [each.at for each in (*checked.log, *checked.cosignatures) if each.at is not None]
        if times:
            # A witness may sign late: only the log's own time says that later entries are later.
            floor = any(each.at is not None for each in checked.log)
            self.bounds.append(Bound(checked.checkpoint.size, min(times), floor))
