"""One verification, from its first look at the tables to a report, which there is whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from cryptography.x509 import Certificate
from sqlalchemy import Connection

from ledger.db import read_origin
from ledger.history_checks import check_histories
from ledger.notes.policy import Policy
from ledger.report import Findings, Label, Report, Span
from ledger.verifier import beside, outcome, outside, own
from ledger.verifier.chains import Chains
from ledger.verifier.checkpoints import Signed
from ledger.verifier.deadline import Deadline, OutOfTimeError, bound_statements
from ledger.verifier.openings import Met
from ledger.verifier.outcome import Reach
from ledger.verifier.piece import Part, waiting_part
from ledger.verifier.pool import cores, parts_here, parts_shared, pieces
from ledger.verifier.source import Source
from ledger.verifier.tree import Tree
from ledger.verifier.trust import Trust
from schemas.errors import YangguangError

Advance = Callable[[int], None]

LARGE = 100_000
"""Entries from which on several processes share the work unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comes from outside: notes that were kept, a policy, the roots of time-stamp authorities."""

    notes: Sequence[bytes] = ()
    policy: Policy | None = None
    roots: Sequence[Certificate] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """How the work is done: where other processes find the database, how many, and until when."""

    deadline: Deadline
    url: str | None = None
    """None where there is one connection only."""
    processes: int | None = None


class Verification:
    """Verifies the ledger over one connection, once."""

    def __init__(self, connection: Connection, evidence: Evidence, means: Means) -> None:
        """`connection` sees one state of the database."""
        self._connection, self._evidence, self._means = connection, evidence, means
        self._findings = Findings()
        self._chains = Chains(self._findings)
        self._reach = Reach()
        self._trust = Trust(None, Policy())
        self._outside = outside.Outside()
        self._agreed: list[outside.Told] = []
        self._known = own.Redactions()
        self._met = Met()
        self._spans: dict[str, Span] = {}
        self._cases = 0
        self._root: str | None = None
        self._last: Signed | None = None

    def run(self, advance: Advance | None = None) -> Report:
        """Verify; `advance` is told how many entries more have been checked."""
        try:
            if beside.tables_are_ours(self._connection, self._findings):
                self._run(Source(self._connection), advance or (lambda count: None))
        except OutOfTimeError as error:
            self._findings.add("timeout", error.message)
        except YangguangError as error:
            self._findings.add("readable", error.message)
        except Exception as error:  # whatever a forged database brings about: it is not verified
            told = f"无法读取 / cannot be read: {type(error).__name__}: {error!s:.500}"
            self._findings.add("timeout" if self._means.deadline.over else "readable", told)
        return self._report()

    def _run(self, source: Source, advance: Advance) -> None:
        bound_statements(source, self._means.deadline)
        self._prepare(source)
        size = beside.sealed_count(source, self._findings)
        tree = Tree(source, self._trust.sizes, self._findings)
        for part in self._parts(source, size):
            self._join(part)
            self._sign(tree.join(part))
            advance(part.stop - part.start)
        tree.close()
        self._root, self._reach.sealed = tree.root.hex(), tree.size
        self._wait(source, advance)
        self._beside(source, tree)
        self._measure(source)

    def _prepare(self, source: Source) -> None:
        """Whose log it is, whom to believe, and what is told from outside."""
        origin = read_origin(self._connection)
        if origin is None:
            self._findings.add("origin", "缺来源 / the ledger does not say whose it is")
        policy = own.policy_of(source, self._findings)
        self._known = own.redactions(source, self._findings)
        self._trust = Trust(origin, self._evidence.policy or policy)
        notes, roots = self._evidence.notes, self._evidence.roots
        self._outside = outside.gather(source, self._trust, notes, roots, self._findings)
        self._trust = replace(
            self._trust,
            bounds=self._outside.bounds,
            sizes=self._outside.sizes,
            redacted=frozenset(self._known),
        )

    def _parts(self, source: Source, size: int) -> Iterator[Part]:
        means, ranges = self._means, pieces(size)
        processes = means.processes or (cores() if size >= LARGE else 1)
        if means.url is None or processes == 1:
            return parts_here(source, self._trust, ranges, means.deadline)
        return parts_shared(means.url, source, self._trust, ranges, processes, means.deadline)

    def _join(self, part: Part) -> None:
        self._findings.take(part.findings)
        self._chains.join(part.leads, part.ends)
        self._met.take(part.openings)

    def _sign(self, agreed: list[Signed]) -> None:
        """Checkpoints that are the log's: they reach so far, and their times never go back."""
        for each in agreed:
            size, last = each.judged.size, self._last
            if last is not None and each.signed < last.signed:
                told = f"签署时间倒退 / signed at {each.signed}, a smaller one at {last.signed}"
                self._findings.add("signed_time", told, size=size)
            self._last = each
            self._reach.sign(size)
            if each.judged.quorum and self._trust.policy.asks_witnesses:
                self._reach.anchor(size)
        self._reach.checkpoints += len(agreed)

    def _wait(self, source: Source, advance: Advance) -> None:
        """Entries that wait to be sealed follow on those that are."""
        for rows in source.waiting():
            self._means.deadline.left()
            self._join(waiting_part(source, self._trust, rows, self._reach.sealed))
            self._reach.waiting += len(rows)
            self._spans["unsealed"] = outcome.waiting_span(self._spans.get("unsealed"), rows)
            advance(len(rows))

    def _beside(self, source: Source, tree: Tree) -> None:
        self._cases = len(self._chains.states)
        beside.check_heads(source, self._chains.states, self._findings)
        beside.check_all(source, self._met.count, self._findings)
        for key_id in sorted(self._met.locked):
            told = f"密钥缺失 / openings under key {key_id}, which is not there"
            self._findings.add("key", told)
        beside.check_beyond(source, tree.size, self._findings)
        own.check_destroyed(self._known, self._met.redacted, self._findings)
        for history in check_histories(self._connection):
            self._means.deadline.left()
            place = {"case": history.case, "seq": history.seq, "id": history.id}
            self._findings.add(history.check, history.detail, **place)
        self._agreed = outside.compare(self._outside, tree, self._findings)
        for each in self._agreed:
            self._reach.sign(each.judged.size)
            if each.check == "note" and each.judged.quorum:
                self._reach.anchor(each.judged.size)

    def _measure(self, source: Source) -> None:
        reach = self._reach
        self._spans["anchored"] = outcome.span(source, 0, reach.anchored)
        self._spans["signed_only"] = outcome.span(source, reach.anchored, reach.signed)
        self._spans["unsigned"] = outcome.span(source, reach.signed, reach.sealed)

    def _report(self) -> Report:
        reach, findings = self._reach, self._findings
        entries = reach.sealed + reach.waiting
        if not findings.count and not entries:
            findings.add("empty", "总账为空 / the ledger holds no entry")
        label = Label.FAILED if findings.count else reach.label
        enough = {Label.ANCHORED} if self._evidence.policy else {Label.ANCHORED, Label.SIGNED_ONLY}
        return Report(
            verified=label in enough,
            label=label,
            origin=self._trust.name,
            cases=self._cases,
            entries=entries,
            openings=self._met.count,
            redacted=len(self._met.redacted),
            **self._spans,
            root=self._root,
            checkpoints=reach.checkpoints,
            notes=sum(each.check == "note" for each in self._agreed),
            tokens=sum(each.check == "token" for each in self._agreed),
            tokens_unchecked=self._outside.unchecked,
            time_rules=self._trust.timed,
            missing=reach.missing(self._evidence.policy),
            failure_count=findings.count,
            failures=tuple(findings.kept),
        )
