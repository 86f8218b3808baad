"""How commands speak: documents for programs, tables for people, one line for an error.

Standard output carries the answer and nothing else; progress and notes go to standard error,
so that `yangguang ... --json | tool` always gives the tool exactly one kind of thing.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeft
from rich.table import Table
from rich.text import Text

from schemas.errors import YangguangError

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / one JSON document on standard output.")]
"""Type of every command's `--json` option."""

_TITLES = {
    1: "出错 / error",
    2: "用法有误 / wrong usage",
    3: "验证不通过 / verification failed",
    4: "不允许 / not permitted",
    5: "冲突 / conflict",
}


def print_json(document: object) -> None:
    """Print one indented JSON document; pydantic models and instants are written as in the API."""
    try:
        _write(orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2))
    except orjson.JSONEncodeError:  # a lone surrogate: an argument that was no UTF-8
        _write(json.dumps(document, default=_plain, indent=2).encode())


def print_json_line(document: object) -> None:
    """Print one line of a JSON Lines stream."""
    _write(orjson.dumps(document, default=_plain))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table on a terminal, and lines of tab-separated cells anywhere else."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            print("\t".join(_cell(value) for value in row))
        return
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))  # no markup: strangers wrote it
    Console().print(table)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar with count, rate and time left on standard error; gives `advance(n)`. Silent off a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeLeft())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda n: bar.advance(task, n)


def problem(error: Exception) -> dict[str, str]:
    """`error` as an RFC 9457 problem object: type, title, stable code, and the sentence."""
    if isinstance(error, YangguangError):
        code, detail = error.code, error.message
    elif isinstance(error, typer.TyperException):
        code, detail = "usage", error.format_message()
    else:
        code, detail = "unexpected", type(error).__name__
    return {
        "type": f"urn:yangguang:problem:{code}",
        "title": _TITLES.get(exit_code(error), _TITLES[1]),
        "code": code,
        "detail": detail,
    }


def exit_code(error: Exception) -> int:
    """Exit code of a command ended by `error`: see schemas/errors.py."""
    return error.exit_code if isinstance(error, YangguangError | typer.TyperException) else 1


def print_error(error: Exception, *, as_json: bool, where: str = "") -> None:
    """Tell `error`: a problem object on standard output, or one line on standard error.

    `where` names the log that holds the details of an unexpected error.
    """
    told = problem(error)
    if not told["detail"]:  # the help was the answer already
        return
    if where:
        told["detail"] += f" (details in {where})"
    if as_json:
        print_json(told)
    else:
        print(shown(f"{told['title']}: {told['detail']}"), file=sys.stderr)


class _Rate(ProgressColumn):
    """Finished items per second."""

    def render(self, task: Task) -> Text:
        """The rate so far, `-` before anything is finished."""
        rate = task.finished_speed or task.speed
        return Text("-/s" if rate is None else f"{rate:.1f}/s")


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _cell(value: object) -> str:
    return "" if value is None else shown(str(value))


def shown(text: str) -> str:
    """Text of a stranger as one line without control characters: it must not forge rows or colours."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def lose_nothing() -> None:
    """Write through a buffer, also where PYTHONUNBUFFERED is set.

    Without one Python hands a text to the system once, which may take a part of it when the reader of a
    pipe is slow; the rest would be lost.
    """
    if isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        encoding, errors = sys.stdout.encoding, sys.stdout.errors
        buffered = io.BufferedWriter(sys.stdout.detach())  # type: ignore[union-attr]
        sys.stdout = io.TextIOWrapper(buffered, encoding=encoding, errors=errors, line_buffering=True)


def _write(document: bytes) -> None:
    print(document.decode(), flush=True)
