"""What the check of a bundle found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.base import Model

KEPT = 1000
"""Failures told one by one; the rest are counted."""

_LONGEST = 500
Told = Annotated[str, AfterValidator(lambda text: text[:_LONGEST])]
"""Strangers' words stand in it: a thousand of them must not fill the memory."""


class BundleFailure(Model):
    """One thing that does not hold, and where."""

    check: str
    """`file`, `note`, `quorum`, `token`, `entry`, `chain`, `time`, `tile`, `root`, `proof`,
    `opening`, `redaction`, `history`, `keys`, `tsa`, `policy`; or the code of what ended the check."""
    detail: Told
    place: Told
    """File of the bundle, or `entry N`."""


class Stamp(Model):
    """A valid RFC 3161 token: that the first `size` entries were there at a time, UTC."""

    size: int
    time: datetime


class BundleReport(Model):
    """Outcome of the check of a bundle."""

    verified: bool
    origin: str = ""
    case: str | None = None
    """The case of an extract, which proves what is in it, not that all is in it. None: the whole log."""
    simulated: bool = False
    """The bundle says that recorded times were simulated: they were not held against the checkpoints'."""
    size: int = 0
    """Entries under the checkpoint."""
    own_policy: bool = True
    """Checked with the policy in the bundle itself: then the keys are taken on its word."""
    same_policy: bool = True
    """The policy in the bundle is the one it was checked with."""
    own_guide: bool = True
    """README.md is what is written here for such a bundle; nothing else proves it, and it holds commands."""
    anchored: bool = False
    """Witnesses outside cosigned the checkpoint, as the policy demands."""
    signed_by: tuple[str, ...] = ()
    cosigned_by: tuple[str, ...] = ()
    stamped: tuple[Stamp, ...] = ()
    entries: int = 0
    chains: int = 0
    """Cases, and streams of the log's own entries."""
    checkpoints: int = 0
    """Signed and stamped ones, with the newest."""
    openings: int = 0
    """Entries with sealed fields in clear."""
    histories: int = 0
    """Runs."""
    failure_count: int = 0
    failures: tuple[BundleFailure, ...] = Field(default=(), max_length=KEPT)
