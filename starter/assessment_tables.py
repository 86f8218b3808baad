"""The assessment of a log as tables: by unit, by officer, and line by line, as CSV or JSON.

Counts are of leads and proposals, not of guilt; each can be traced to its lines, and these to entries.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

import orjson

from schemas.base import Model
from schemas.errors import UsageError
from schemas.liability import NOT_IN_LOG
from starter.assessment import AssessedCase, Assessment

COLUMNS = (
    "case",
    "unit",
    "what",
    "code",
    "fault",
    "day",
    "who",
    "as",
    "post",
    "degree",
    "grade",
    "measures",
    "status",
    "entries",
    "because",
)
"""One line a card and person, and one a proposed row; `code` is the card's, or the rule's of the row."""

FIGURES = ("late", "irregular", "yellow", "red", "proposed", "D", "M", "I", "none", "open")
"""What is counted: cases, cards that would have been issued or proposed, and rows by degree."""

NOWHERE = "不在日志中 / not in the log"


class Count(Model):
    """One line of a summary."""

    name: str
    """A unit or a staff number as the log has it, or `not_in_log`."""
    figures: dict[str, int]


def by_unit(assessment: Assessment) -> tuple[Count, ...]:
    """Cases, cards and rows of each unit that answered for a case."""
    return _counted((case.unit, name) for case in assessment.assessed for name in _figures_of(case))


def by_officer(assessment: Assessment) -> tuple[Count, ...]:
    """The same of each person: the cases he answered for, the cards to him, the rows about him."""
    return _counted(pair for case in assessment.assessed for pair in _about_people(case))


def _counted(pairs: Iterable[tuple[str, str]]) -> tuple[Count, ...]:
    found: dict[str, Counter[str]] = {}
    for name, figure in pairs:
        found.setdefault(name, Counter())[figure] += 1
    return tuple(
        Count(name=name, figures={figure: found[name][figure] for figure in FIGURES})
        for name in sorted(found, key=lambda each: (each == NOT_IN_LOG, each))
    )


def _figures_of(case: AssessedCase) -> Iterator[str]:
    yield from _kinds_of(case)
    yield from (_colour(card.code, card.status) for card in case.cards)
    yield from (row.degree.value for proposal in case.proposals for row in proposal.rows)


def _about_people(case: AssessedCase) -> Iterator[tuple[str, str]]:
    yield from ((case.owner, figure) for figure in _kinds_of(case))
    for card in case.cards:
        people = dict.fromkeys(who for _, who in card.to)
        yield from ((who, _colour(card.code, card.status)) for who in people)
    for proposal in case.proposals:
        yield from ((row.officer, row.degree.value) for row in proposal.rows)


def _kinds_of(case: AssessedCase) -> Iterator[str]:
    if case.late:
        yield "late"
    if case.irregularities:
        yield "irregular"


def _colour(code: str, status: str) -> str:
    if status == "proposed":
        return status
    return "yellow" if code.startswith("Y") else "red"


# -- files -----------------------------------------------------------------------------------


def write_out(out: Path, assessment: Assessment) -> None:
    """Write the assessment in one step: JSON where the name says so, else CSV."""
    content = orjson.dumps(document(assessment), option=orjson.OPT_INDENT_2) if _json(out) else None
    descriptor, draft = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content if content is not None else _csv(assessment))
    os.replace(draft, out)


def check_ending(out: Path) -> None:
    """Raises UsageError for a file that is to be neither CSV nor JSON."""
    if out.suffix.lower() not in (".csv", ".json"):
        raise UsageError(
            f"{out}: 文件名应以 .csv 或 .json 结尾 / the name must end with .csv or .json", code="bad_out"
        )


def document(assessment: Assessment) -> dict[str, object]:
    """The assessment with its summaries, as one JSON document."""
    return {
        **assessment.model_dump(mode="json"),
        "by_unit": [each.model_dump(mode="json") for each in by_unit(assessment)],
        "by_officer": [each.model_dump(mode="json") for each in by_officer(assessment)],
    }


def lines(assessment: Assessment) -> Iterator[tuple[object, ...]]:
    """The table line by line, under `COLUMNS`."""
    for case in assessment.assessed:
        yield from _card_lines(case)
        yield from _row_lines(case)


def _json(out: Path) -> bool:
    return out.suffix.lower() == ".json"


def _csv(assessment: Assessment) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(lines(assessment))
    return text.getvalue().encode()


def _card_lines(case: AssessedCase) -> Iterator[tuple[object, ...]]:
    for card in case.cards:
        seqs = " ".join(map(str, card.entries))
        head = (case.number, named(case.unit), "card", card.code, card.fault, card.day)
        tail = ("", "", "", "", card.status, seqs, f"{card.cause} {card.clock}".strip())
        yield from ((*head, named(who), capacity, *tail) for capacity, who in card.to)


def _row_lines(case: AssessedCase) -> Iterator[tuple[object, ...]]:
    for proposal in case.proposals:
        status = "incomplete" if proposal.incomplete else "complete"
        for row in proposal.rows:
            measures = " ".join(measure for each in row.ranges for measure in each.measures)
            head = (case.number, named(case.unit), "row", row.rule, proposal.fault, "")
            who = (named(row.officer), row.role, named(row.post), row.degree.value)
            grade = row.grade.value if row.grade else ""
            seqs = " ".join(map(str, row.entries))
            yield *head, *who, grade, measures, status, seqs, f"{row.because_zh} / {row.because_en}"


def named(who: str) -> str:
    """A name of the log, or that it has none."""
    return NOWHERE if who in (NOT_IN_LOG, "unknown", "") else who
