"""A report as files: a page to read, a table to reckon with, the document itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.canonical import canonical
from rules.procedures import state_name
from rules.report.document import Document
from rules.report.sheet import sheet
from schemas.errors import UsageError
from schemas.profile import Profile
from starter.home import write_private
from starter.report_page import tenths, write_page
from starter.reports import edition
from starter.rulebook import load_profile


class Format(StrEnum):
    """What a report may be written as."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[
    list[Format] | None, typer.Option("--format", help="格式，可多次 / format; may be given again.")
]
OutOption = Annotated[Path | None, typer.Option(help="写入此文件夹 / folder to write to.")]
PublicOption = Annotated[
    bool, typer.Option("--public", help="公开版：不含人员 / public edition, without persons.")
]


def write_files(
    out: Path, formats: list[Format] | None, found: Document, state: str, for_all: bool
) -> tuple[str, ...]:
    """Write the report into a folder; all formats unless some are named. Gives the files.

    The JSON file of the full edition is the document itself, of which the ledger holds the digest.
    Raises UsageError (`unwritable`) where the folder cannot be written to.
    """
    chosen = edition(found, for_all=for_all)
    name = f"{found['number']}-public" if for_all else found["number"]
    texts = {
        Format.HTML: lambda: write_page(chosen, _profile(found), state_name("report", state)),
        Format.CSV: lambda: sheet(chosen),
        Format.JSON: lambda: canonical(chosen).decode(),
    }
    files = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for each in formats or list(Format):
            write_private(out / f"{name}.{each}", texts[each]())
            files.append(str(out / f"{name}.{each}"))
    except OSError as error:
        raise UsageError(f"{out} 无法写入 / cannot be written: {error.strerror}", code="unwritable") from None
    return tuple(files)


def told_total(total: Mapping[str, Any]) -> str:
    """A figure's total in a line."""
    days = ""
    if "median_tenths" in total:
        average, median = tenths(total["average_tenths"]), tenths(total["median_tenths"])
        days = f"  平均 / average {average}  中位 / median {median}  合计 / sum {total['sum']}"
    labels = ", ".join(f"{label} {count}" for label, count in sorted(total["labels"].items()))
    return f"{total['count']}{days}{f'  ({labels})' if labels else ''}"


def _profile(found: Document) -> Profile | None:
    """The profile under which the report was made, for the names in it; None where it is not at hand."""
    try:
        profile = load_profile(found["rules"]["profile"].partition("@")[0])
    except UsageError:
        return None
    return profile if profile.sha256 == found["rules"]["profile_sha256"] else None
