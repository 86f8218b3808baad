"""Opening log files: plain or gzip, CSV or XES, told by their content; one kind of row comes out.

Rows are not judged here. What makes a whole file unreadable (truncated, not text, no log at all)
is a UsageError with file and place; what spoils one row only is a `BadRow`, and the rest goes on.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from schemas.errors import UsageError
from starter.logs.xes import XesError, xes_rows

Content = BufferedReader | gzip.GzipFile

_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the file has it; `line` counts from 1 (header included)."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why."""

    line: int
    reason: str


def read_rows(path: Path, delimiter: str, required: frozenset[str]) -> Iterator[Row | BadRow]:
    """All rows of a log, in the order of the file. `required` are columns a CSV header must have.

    Raises UsageError (`no_file`, `not_a_log`, `truncated`) for a file that cannot be read whole.
    """
    with _told(path), _opened(path) as content:
        if _starts_like_xml(content):
            for line, values in xes_rows(iter(partial(content.read, _CHUNK), b"")):
                yield Row(line, values)
        else:
            with TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
                yield from _csv_rows(text, delimiter, required)


@contextmanager
def _opened(path: Path) -> Iterator[Content]:
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP
        if path.suffix == ".gz" and not packed:
            raise _not_a_log("不是 gzip 文件 / not a gzip file")
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield unpacked


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """One sentence with file and reason for whatever makes a file unreadable."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        said = f"压缩文件不完整或损坏 / the gzip file is truncated or damaged: {error}"
        raise UsageError(f"{path}: {said}", code="truncated") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: 无法读取 / cannot be read: {reason}", code="no_file") from error
    except UnicodeDecodeError as error:
        raise _not_a_log(f"{path}: 不是 UTF-8 文本 / not UTF-8 text: {error.reason}") from error
    except XesError as error:
        raise _not_a_log(f"{path}: {error}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", code=error.code) from error


def _not_a_log(reason: str) -> UsageError:
    return UsageError(reason, code="not_a_log")


def _starts_like_xml(content: Content) -> bool:
    start = content.peek(256)[:256].removeprefix(b"\xef\xbb\xbf")
    if not start:
        raise _not_a_log("文件是空的 / the file is empty")
    return start.lstrip().startswith(b"<")


def _csv_rows(text: Iterable[str], delimiter: str, required: frozenset[str]) -> Iterator[Row | BadRow]:
    table = csv.reader(text, delimiter=delimiter, strict=True)
    header = _header(table, required)
    while True:
        line = table.line_num + 1
        try:
            cells = next(table, None)
        except csv.Error as error:
            if "end of data" in str(error):
                said = "引号没有结束 / a quotation mark is never closed"
                raise _not_a_log(f"第 {line} 行 / line {line}: {said}") from error
            yield BadRow(line, f"不是 CSV 行 / not a CSV row: {error}")
            continue
        if cells is None:
            return
        if len(cells) == len(header):
            yield Row(line, dict(zip(header, cells, strict=True)))
        elif cells:
            yield BadRow(
                line, f"应有 {len(header)} 列，得到 {len(cells)} 列 / {len(cells)} fields, not {len(header)}"
            )


def _header(table: Iterator[list[str]], required: frozenset[str]) -> list[str]:
    """The column names; raises UsageError where they cannot be those of a log."""
    try:
        header = next(table, [])
    except csv.Error as error:
        raise _not_a_log(f"不是 CSV 日志 / not a CSV log: {error}") from error
    if missing := sorted(required - set(header)):
        raise _not_a_log(f"缺少列 / columns are missing: {', '.join(missing)}")
    if doubled := sorted({name for name in header if header.count(name) > 1}):
        raise _not_a_log(f"列名重复 / columns given twice: {', '.join(doubled)}")
    return header
