"""What the verbs of a procedure have in common on the command line: one act under a clear name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.matter import post_for, send_act
from schemas.errors import UsageError

NumberArgument = Annotated[str, typer.Argument(help="编号 / number of the matter.")]
OpinionOption = Annotated[str, typer.Option(help="意见 / opinion.")]
ReasonOption = Annotated[str, typer.Option(help="理由 / reason.")]
ToOption = Annotated[str, typer.Option("--to", help="交给的岗位 / post it is given to.")]
DocumentOption = Annotated[str, typer.Option(help="文号 / number of the document.")]
NotifiedOption = Annotated[str, typer.Option(help="如何告知 / how he was told: sms, phone, letter.")]
EvidenceOption = Annotated[
    list[Path] | None,
    typer.Option("--evidence", help="佐证材料文件，只记摘要 / file kept as its hash; may be repeated."),
]


def do(
    kind: str, number: str, name: str, officer: str, post: str, profile: str, as_json: bool, **fields: Any
) -> None:
    """One act by name; what was not stated is left out."""
    who = {"officer": officer, "post": post_for(profile, officer, post)}
    given = {key: value for key, value in fields.items() if value not in (None, "", [])}
    send_act(kind, number, name, given | who, as_json)


def attached(files: list[Path] | None) -> list[dict[str, Any]]:
    """Files by name and hash; the bytes stay where they are. Raises UsageError (`unreadable`)."""
    return [{"name": file.name, "sha256": _hash(file)} for file in files or []]


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as problem:
        raise UsageError(
            f"不能读取 / cannot be read: {file}: {problem.strerror}", code="unreadable"
        ) from problem
