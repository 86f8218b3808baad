"""The list of entry types is complete: whatever a workflow writes is known to the verifier."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rules.procedures import PROCEDURES
from schemas.entry_types import ENTRY_TYPES, MATTER_TYPES, OWN_TYPES

WORKFLOWS = Path(__file__).parents[2] / "workflows"
WRITERS = ("write", "write_system", "_write_card", "_change_card", "end_by_time")


def written() -> dict[str, str]:
    """Every constant that a workflow gives a writer of entries, with the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted(WORKFLOWS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in WRITERS:
                found |= {name: path.stem for argument in node.args for name in constants(argument)}
    return found


def constants(argument: ast.expr) -> list[str]:
    """What an argument may be, where that is written down."""
    if isinstance(argument, ast.IfExp):
        return constants(argument.body) + constants(argument.orelse)
    return [argument.value] if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else []


@pytest.mark.parametrize(("name", "file"), written().items(), ids=str)
def test_what_workflows_write_is_known(name: str, file: str) -> None:
    own = file.partition("_")[0]
    kinds = [own] if own in PROCEDURES else [*PROCEDURES]  # what several procedures share is known to one
    assert name in MATTER_TYPES or any(f"{kind}.{name}" in MATTER_TYPES for kind in kinds)


def test_nothing_is_missed_and_nothing_is_both() -> None:
    assert {"registered", "duty.offered", "card.issued", "lapsed", "clock.breached"} <= written().keys()
    assert {name for each in PROCEDURES.values() for name in each.silences} <= MATTER_TYPES
    assert len(ENTRY_TYPES) == len(MATTER_TYPES) + len(OWN_TYPES)
