"""XES (IEEE 1849): an XML event log as the same flat rows a CSV log has.

Keys of a trace get the prefix `case:`, as process-mining tools write them to CSV, so that one
mapping reads both forms. Read with expat itself, which knows the line of each event; a document
type is refused, so that no entity can be declared and none expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.parsers import expat

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})

Found = tuple[int, dict[str, str]]
"""(line, values) of one event."""


class XesError(Exception):
    """The file is no XES log; the message says where and why."""


def xes_rows(content: Iterable[bytes]) -> Iterator[Found]:
    """Each event of each trace; `content` comes in portions of any size.

    Raises XesError for anything that is no well-formed XES log.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, given: reader.start(name, given, parser.CurrentLineNumber)
    parser.EndElementHandler = lambda name: reader.end()
    try:
        for chunk in content:
            parser.Parse(chunk, False)
            yield from reader.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise XesError(
            f"第 {error.lineno} 行不是有效的 XML / line {error.lineno} is not valid XML: {said}"
        ) from error
    yield from reader.take()


def _refuse_doctype(*_: object) -> None:
    raise XesError("不接受文档类型声明 / a document type declaration is not accepted")


class _Reader:
    """Where in the document the parser is, and what it has found."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._trace: dict[str, str] = {}
        self._events: list[Found] = []
        self._done: list[Found] = []

    def start(self, name: str, given: dict[str, str], line: int) -> None:
        tag = name.rpartition(" ")[2]
        if not self._path and tag != "log":
            raise XesError(f"第 {line} 行不是 XES 日志 / line {line}: not an XES log but <{tag}>")
        inside = self._path[1:]
        self._path.append(tag)
        if inside == [] and tag == "trace":
            self._trace, self._events = {}, []
        elif inside == ["trace"] and tag == "event":
            self._events.append((line, {}))
        elif tag in _VALUES and inside in (["trace"], ["trace", "event"]):
            self._keep(inside, given, line)

    def end(self) -> None:
        if self._path == ["log", "trace"]:
            # Attributes of a trace count wherever they stand in it, so its events wait for its end.
            self._done += [(line, self._trace | values) for line, values in self._events]
        self._path.pop()

    def take(self) -> list[Found]:
        found, self._done = self._done, []
        return found

    def _keep(self, inside: list[str], given: dict[str, str], line: int) -> None:
        key, value = given.get("key"), given.get("value")
        if key is None or value is None:
            raise XesError(f"第 {line} 行缺少 key 或 value / line {line}: key or value is missing")
        if inside == ["trace"]:
            self._trace[f"case:{key}"] = value
        else:
            self._events[-1][1][key] = value
