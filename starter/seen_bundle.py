"""Bundles for somebody: of what he may see, and of nothing else.

A log is whole or no log: who may not see all of it gets an extract of each matter that he may see, each a
bundle of its own. An extract ends before an entry that tells of something hidden from him. Sealed values are
in none of them: reading one is an act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from urllib.parse import quote

from pydantic import Field
from sqlalchemy import Connection

from ledger.bundle.layout import Manifest
from ledger.bundle.write import write_bundle
from ledger.notes import Policy
from readmodel.query import MAX_PAGE, Filters
from schemas.base import Model
from schemas.errors import ConflictError, NotFoundError, UnavailableError
from starter.sight import Eyes, UnseenError, seen_page, seen_until

Advance = Callable[[int], None]


class SeenBundles(Model):
    """What was written for somebody, and what was not."""

    seen_as: str
    folders: dict[str, str] = Field(default_factory=dict)
    """Folder of each matter's extract, by its number."""
    left_out: tuple[str, ...] = ()
    """Kinds of which not everything is his to see; the same whether there is any such matter or not."""


def write_extract(
    connection: Connection,
    out: Path,
    policy: Policy,
    eyes: Eyes,
    case: str,
    *,
    roots: Sequence[bytes] = (),
    advance: Advance = lambda n: None,
) -> Manifest:
    """The extract of one matter as far as it may be seen. Raises like `write_bundle`; what may not be seen is
    not in the log."""
    if not eyes.sees(connection, case):
        raise UnseenError(f"已签名的总账中没有 {case} / the signed log holds nothing of {case}")
    until = seen_until(connection, eyes, case)
    return write_bundle(connection, out, policy, roots=roots, case=case, until=until, advance=advance)


def write_extracts(
    connection: Connection,
    out: Path,
    policy: Policy,
    eyes: Eyes,
    *,
    roots: Sequence[bytes] = (),
    advance: Advance = lambda n: None,
) -> SeenBundles:
    """Extracts of everything he may see, one folder a matter below the new folder `out`.

    What is not signed yet is not there, as in any bundle. Raises ConflictError where `out` exists.
    """
    folders: dict[str, str] = {}
    with _new_folder(out):
        for number in _numbers(connection, eyes):
            place = out / quote(number, safe="")
            with suppress(NotFoundError):
                write_extract(connection, place, policy, eyes, number, roots=roots, advance=advance)
                folders[number] = place.name
    return SeenBundles(seen_as=eyes.viewer.officer, folders=folders, left_out=eyes.partly())


def _numbers(connection: Connection, eyes: Eyes) -> Iterator[str]:
    after: str | None = None
    while True:
        page = seen_page(connection, eyes, Filters(after=after, limit=MAX_PAGE))
        yield from (row.case_id for row in page.rows)
        after = page.next
        if after is None:
            return


@contextmanager
def _new_folder(out: Path) -> Iterator[None]:
    """A folder that is there with all that belongs in it, or not at all."""
    try:
        out.mkdir()
    except FileExistsError:
        raise ConflictError(f"{out} 已存在 / {out} exists already: choose a new folder") from None
    except OSError as error:
        raise UnavailableError(f"无法写入 / cannot write {out}: {error.strerror}") from error
    try:
        yield
    except BaseException:
        rmtree(out, ignore_errors=True)
        raise
