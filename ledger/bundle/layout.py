"""What lies where in a bundle, and how large anything in it may be.

The folder is itself the prefix of a C2SP tlog-tiles log: `checkpoint`, `tile/…` and `tile/entries/…` lie
where tools expect them. Names are made of log indexes, sizes and digests, never of what an entry says.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from ledger.merkle import HASH_BYTES, WIDTH
from schemas.base import StrictModel

FORMAT = "yangguang-bundle/1"

MANIFEST = "manifest.json"
README = "README.md"
CHECKPOINT = "checkpoint"
POLICY = "policy"

MAX_FILES = 2_000_000
MANIFEST_LINE = 512
"""Most bytes of the manifest for each file there is, and twice for itself: it may not promise what is not."""

_SMALL = 1 << 20
_LEAF = 65_535
_NUMBER = "(?:0|[1-9][0-9]{0,18})"
_TILE = "(?:x[0-9]{3}/)*[0-9]{3}(?:[.]p/[1-9][0-9]{0,2})?"

LIMITS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern), limit)
    for pattern, limit in (
        (r"README\.md|checkpoint|policy", _SMALL),
        (f"tile/entries/{_TILE}", WIDTH * (2 + _LEAF)),
        (f"tile/[0-9]/{_TILE}", WIDTH * HASH_BYTES),
        (f"checkpoints/{_NUMBER}", _SMALL),
        (f"consistency/{_NUMBER}", _SMALL),
        (f"entry/{_NUMBER}[.]json", _LEAF),
        (f"entry/{_NUMBER}[.]tlog-proof", _SMALL),
        (f"tokens/{_NUMBER}-{_NUMBER}[.](note|tsr)", _SMALL),
        (r"keys/[0-9a-f]{8}\.(vkey|pem)", _SMALL),
        (r"tsa/[0-9a-f]{64}\.pem", _SMALL),
        (r"openings/[0-9a-f]{64}\.json", _SMALL),
        (r"histories/[0-9a-f]{64}\.(pb|json)", 512 << 20),
    )
)
"""Every name a bundle may hold, with the most bytes it may have. A number has one spelling, in ASCII."""


class File(StrictModel):
    """One file of a bundle, as it was written."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(StrictModel):
    """Everything in a bundle but this list itself. It finds what was lost on the way; notes are the proof."""

    format: Literal["yangguang-bundle/1"]
    origin: str = Field(min_length=1)
    simulated: bool = False
    """Recorded times were simulated: no checkpoint can contradict them."""
    size: int = Field(ge=1)
    """Entries under the checkpoint."""
    case: str | None = Field(default=None, min_length=1)
    """The one case this is an extract of; None for the whole log."""
    later: int = Field(default=0, ge=0)
    """Entries recorded but not yet under the checkpoint: they are not in the bundle."""
    files: dict[str, File] = Field(max_length=MAX_FILES)


def limit_of(name: str) -> int | None:
    """The most bytes a file of this name may have; None for a name no bundle has."""
    return next((limit for pattern, limit in LIMITS if pattern.fullmatch(name)), None)
