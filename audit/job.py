"""What an auditor and his replaying children say to each other: jobs one way, lines of checks the other."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import orjson
from pydantic import TypeAdapter

from audit.leaves import Beside
from audit.verdicts import Check

READY: list[Check] = []
"""The first answer: the child has loaded everything."""

_LENGTH = struct.Struct(">I")
_CHECKS = TypeAdapter(list[Check])


@dataclass(frozen=True)
class Job:
    """A history to replay, its exact bytes, and what the ledger says of it where it says anything."""

    history: bytes
    beside: Beside | None


def write_job(job: Job) -> bytes:
    """A job as one frame: its length, then JSON."""
    document: dict[str, object] = {"history": _text(job.history), "beside": None}
    if (beside := job.beside) is not None:
        document["beside"] = {
            "origin": beside.origin,
            "namespace": beside.namespace,
            "leaves": {entry: _text(leaf) for entry, leaf in beside.leaves.items()},
            "heads": {str(seq): head for seq, head in beside.heads.items()},
        }
    body = orjson.dumps(document)
    return _LENGTH.pack(len(body)) + body


def read_job(jobs: IO[bytes]) -> Job | None:
    """The next job; None where no more will come."""
    head = jobs.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    document = orjson.loads(jobs.read(*_LENGTH.unpack(head)))
    told = document["beside"]
    beside = told and Beside(
        told["origin"],
        told["namespace"],
        {entry: b64decode(leaf) for entry, leaf in told["leaves"].items()},
        {int(seq): head for seq, head in told["heads"].items()},
    )
    return Job(b64decode(document["history"]), beside)


def answer(answers: IO[bytes], checks: Sequence[Check]) -> None:
    """Write one line of checks."""
    answers.write(_CHECKS.dump_json(list(checks)) + b"\n")
    answers.flush()


def read_answer(line: bytes) -> list[Check]:
    """The checks of a line. Raises ValueError for anything else."""
    return _CHECKS.validate_json(line)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
