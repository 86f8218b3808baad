"""Checking the ledger, failing closed: what cannot be read has not been verified.

Everything is recomputed from the leaves, in one pass in the order of the log and in bounded memory: chains,
hashes, ids, columns, heads, the tree at every size that was ever signed. What a database's owner rewrites
whole contradicts what others hold: notes and policies given by hand, which are where trust begins. Without
them a verification only says that the log agrees with itself and with its own key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cryptography.x509 import Certificate
from sqlalchemy import Connection

from ledger.db import connect, snapshot
from ledger.notes.policy import Policy
from ledger.report import Failure, Report
from ledger.verifier.deadline import Deadline
from ledger.verifier.pool import without_collector
from ledger.verifier.run import Advance, Evidence, Means, Verification

TIMEOUT = timedelta(hours=4)
"""Enough for a hundred million entries on one core."""


def verify_url(
    url: str,
    advance: Advance | None = None,
    *,
    notes: Sequence[bytes] = (),
    policy: Policy | None = None,
    roots: Sequence[Certificate] = (),
    processes: int | None = None,
    timeout: timedelta = TIMEOUT,
) -> Report:
    """Verify the ledger at `url` without creating, upgrading or changing anything.

    A database that cannot be opened or read, a timeout and a crash are failed verifications, not errors.
    `advance` is told how many entries more have been checked. With a policy only what its quorum anchors
    is verified. `processes` share the work; by default one for a small log, one for each core for a large.
    """
    means = Means(Deadline(timeout.total_seconds()), url, processes)
    try:
        engine = connect(url, read_only=True)
        try:
            with snapshot(engine) as connection, without_collector():
                return Verification(connection, Evidence(notes, policy, roots), means).run(advance)
        finally:
            engine.dispose()
    except Exception as error:
        told = str(error) or type(error).__name__
        return Report(verified=False, failure_count=1, failures=(Failure(check="readable", detail=told),))


def verify(
    connection: Connection,
    advance: Advance | None = None,
    *,
    notes: Sequence[bytes] = (),
    policy: Policy | None = None,
    roots: Sequence[Certificate] = (),
) -> Report:
    """Verify the whole ledger over a connection that sees one state of it (`ledger.db.snapshot`)."""
    means = Means(Deadline(TIMEOUT.total_seconds()))
    return Verification(connection, Evidence(notes, policy, roots), means).run(advance)
