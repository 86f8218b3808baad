"""Reports regenerated: whether what was signed is what the ledger says, byte for byte.

The entry of a report names the stretch of the log, the tree over it, the format, the rules and the calendar.
From these entries alone the document is computed once more; nothing that was erased since is needed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import Field
from sqlalchemy import Connection

from activities.report import Computed, compute, silent, versions
from schemas.base import Model
from schemas.report import FORMAT, ReportBasis, ReportMade


class Divergence(Model):
    """One thing in which a report is not what the ledger names."""

    what: str
    """Stable name: `root`, `digest`, `public_digest`, `figures_digest`, `file`, `format`, ..."""
    version: int
    """Which version of the report, from 1."""
    expected: str
    found: str


class Regeneration(Model):
    """Outcome of computing all versions of a report once more."""

    number: str
    versions: int
    entries: int
    """Entries of the log that the latest version is computed from."""
    digest: str
    """Of the latest version, as the ledger names it."""
    files: int = 0
    """Kept documents that were compared, byte for byte."""
    divergences: tuple[Divergence, ...] = Field(default=(), max_length=1000)

    @property
    def identical(self) -> bool:
        """Whether every byte came out again."""
        return not self.divergences


def regenerate(
    connection: Connection,
    number: str,
    folder: Path | None = None,
    tell: Callable[[int], None] = silent,
) -> Regeneration:
    """Compute every version of a report again and compare digests, tree and kept files.

    Raises NotFoundError for a report that nobody generated, or whose stretch of the log is not there.
    """
    found, files = list[Divergence](), 0
    known = versions(connection, number)
    for n, (basis, made) in enumerate(known, start=1):
        if basis.format != FORMAT:
            found.append(Divergence(what="format", version=n, expected=FORMAT, found=basis.format))
            continue
        computed = compute(connection, made.range.origin, basis, made.range.last + 1, tell)
        found += _differences(n, basis, made, computed)
        if folder is not None:
            compared = _files(n, folder, computed, made)
            files += len(compared)
            found += [each for each in compared if each is not None]
    latest = known[-1][1]
    return Regeneration(
        number=number,
        versions=len(known),
        entries=latest.range.last + 1,
        digest=latest.digest,
        files=files,
        divergences=tuple(found),
    )


def _differences(n: int, basis: ReportBasis, made: ReportMade, computed: Computed) -> list[Divergence]:
    """What the entry says against what comes of the entries it names."""
    again = computed.made
    pairs = {
        "root": (made.range.root, again.range.root),
        "digest": (made.digest, again.digest),
        "public_digest": (made.public_digest, again.public_digest),
        "figures_digest": (made.figures_digest, again.figures_digest),
        "late": (str(made.late), str(again.late)),
        "number": (basis.number, computed.document["number"]),
    }
    return [
        Divergence(what=what, version=n, expected=said, found=came)
        for what, (said, came) in pairs.items()
        if said != came
    ]


def _files(n: int, folder: Path, computed: Computed, made: ReportMade) -> list[Divergence | None]:
    """The documents as they are kept; one that is not kept is no divergence."""
    compared: list[Divergence | None] = []
    for digest, content in ((made.digest, computed.full), (made.public_digest, computed.public)):
        file = folder / f"{digest}.json"
        if not file.is_file():
            continue
        same = file.read_bytes() == content
        compared.append(
            None if same else Divergence(what="file", version=n, expected=digest, found=str(file.name))
        )
    return compared
