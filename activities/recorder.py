"""The recorder: the one activity through which every step of a matter reaches the ledger.

It adds to the workflow's words what the workflow cannot know: which execution asks, in which
attempt, with which exact input. Entries, read-model rows and outbox rows share one transaction.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from ledger.append import Work
from ledger.commit import Committer
from ledger.db import Ledger
from ledger.entry import Provenance
from readmodel.project import project
from rules.procedures import has_ended
from schemas.entries import Receipts, RecordRequest
from schemas.errors import UnavailableError, YangguangError


class Recorder:
    """Owns the ledger's writer for as long as a worker runs."""

    def __init__(self, ledger: Ledger, app_version: str, ended: Callable[[str], None] | None = None) -> None:
        """Start writing to an open ledger; `app_version` is told in each entry.

        `ended` is told the workflow id of every matter whose ended state is on record; it must not block.
        """
        self._ended = ended
        self._ledger = ledger
        self._version = app_version
        self._committer = Committer(ledger, project)
        self._committer.start()

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the worker registers."""
        return [self.record]

    def close(self) -> None:
        """Write what is waiting, then let go of the database."""
        self._committer.close()
        self._ledger.close()

    @activity.defn(name="record")
    async def record(self, raw: RawValue) -> Receipts:
        """Record a request; a retry of the same call gets the receipts of its first success.

        Refusals of the ledger (conflict, clock, malformed entry) are final; a database out of reach
        is retried for as long as it takes.
        """
        request = activity.payload_converter().from_payload(raw.payload, RecordRequest)
        work = Work(request, self._provenance(hashlib.sha256(raw.payload.data).hexdigest()))
        try:
            receipts = await asyncio.wrap_future(self._committer.submit(work))
        except UnavailableError as problem:
            raise ApplicationError(problem.message, type=problem.code) from problem
        except YangguangError as problem:
            raise ApplicationError(problem.message, type=problem.code, non_retryable=True) from problem
        if self._ended is not None and _ends(request):
            self._ended(activity.info().workflow_id or "")
        return Receipts(receipts=tuple(receipts))

    def _provenance(self, input_hash: str) -> Provenance:
        info = activity.info()
        return Provenance(
            namespace=info.namespace,
            workflow_id=info.workflow_id or "",
            run_id=info.workflow_run_id or "",
            workflow_type=info.workflow_type or "",
            activity_id=info.activity_id,
            activity_type=info.activity_type,
            attempt=info.attempt,
            input_hash=input_hash,
            app_version=self._version,
        )


def _ends(request: RecordRequest) -> bool:
    """Whether the matter is in a final state after these entries."""
    view = request.entries[-1].data.get("view")
    return isinstance(view, dict) and has_ended(str(view.get("kind")), str(view.get("state")))
