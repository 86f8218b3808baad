"""Writes docs/procedures.md: the procedures as tables, for people who do not read code.

Run as `python -m tools.write_procedures` after a change of `rules.procedures`; a
test fails until the page says what the tables say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from rules.procedures import PROCEDURES, ActRule, By, Procedure
from schemas.acts import Act

PAGE = Path(__file__).parents[1] / "docs" / "procedures.md"

WHO = {
    By.ANYONE: "任何岗位 / any post",
    By.STAGE: "本环节岗位 / post of the current stage",
    By.DUTY: "责任人或其同岗 / whoever has the duty, or the other officer of his post",
    By.OFFERED: "被移交岗位 / the post it is offered to",
    By.SYSTEM: "系统 / the engine because of an entry, or the importer",
}

HEAD = """# Procedures

Written by `python -m tools.write_procedures` from the tables in
`rules/procedures/`; do not edit.

An act that state, post, role or separation of duties forbids is refused with a recorded reason
(`rules/wording/`). Every post has an A and a B officer with the same powers. Nobody is two of handler,
reviewer and approver in one case; where that excludes both officers of a stage's post, the deputy head in
charge acts.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for kind in PROCEDURES for line in _procedure(kind))])


def _procedure(kind: str) -> Iterator[str]:
    procedure = PROCEDURES[kind]
    yield f"## {procedure.zh} / {procedure.en}\n"
    internal = "; 依职权事项 / an internal item: by the post of its first stage" if kind == "case" else ""
    yield f"登记 / taken in by: {_who(procedure.intake)}{internal}.\n"
    yield from _diagram(procedure)
    yield from _states(procedure)
    yield from _acts(procedure)
    yield from _silences(procedure)


def _diagram(procedure: Procedure) -> Iterator[str]:
    """The state machine: acts by name, what time alone brings in brackets; states that end are closed."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    {state} : {state} {zh}" for state, zh in procedure.states.items())
    yield from (f"    [*] --> {state}" for state in procedure.states if state in procedure.intake.states)
    yield from (f"    {a} --> {b} : {', '.join(names)}" for (a, b), names in _arrows(procedure).items())
    yield from (f"    {state} --> [*]" for state in procedure.states if state in procedure.ended)
    yield "```"
    yield ""


def _arrows(procedure: Procedure) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for name, to in procedure.leads_to.items():
        for a, b in product(procedure.table[name].states, to):
            if a != b:
                found.setdefault((str(a), str(b)), []).append(name)
    for entry, silence in procedure.silences.items():
        for a, b in product(silence.states, silence.to):
            if a != b:
                found.setdefault((str(a), str(b)), []).append(f"[{entry.partition('.')[2]}]")
    order = list(procedure.states)
    return {
        pair: sorted(found[pair])
        for pair in sorted(found, key=lambda pair: [order.index(each) for each in pair])
    }


def _states(procedure: Procedure) -> Iterator[str]:
    yield "| state | 状态 | acts possible in it |"
    yield "|---|---|---|"
    for state, zh in procedure.states.items():
        names = [name for name, rule in procedure.table.items() if state in rule.states]
        told = ", ".join(f"`{name}`" for name in names)
        if state in procedure.ended:
            told = "ended, nothing is possible"
        yield f"| `{state}` | {zh} | {told} |"
    yield ""


def _acts(procedure: Procedure) -> Iterator[str]:
    yield "| act | 操作 | from | leads to | who | must state | fields of its own (* required) |"
    yield "|---|---|---|---|---|---|---|"
    for name, rule in procedure.table.items():
        cells = (
            f"`{name}`",
            f"{rule.zh} / {rule.en}",
            _listed(procedure, rule.states),
            _listed(procedure, procedure.leads_to.get(name, ())) or "unchanged",
            _who(rule),
            ", ".join(rule.needs) or "–",
            _fields(rule),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _fields(rule: ActRule) -> str:
    own = {name: field for name, field in rule.payload.model_fields.items() if name not in Act.model_fields}
    return ", ".join(f"`{name}`{'*' if field.is_required() else ''}" for name, field in own.items()) or "–"


def _silences(procedure: Procedure) -> Iterator[str]:
    if not procedure.silences:
        return
    yield "| entry | 期满 | from | leads to |"
    yield "|---|---|---|---|"
    for entry, found in procedure.silences.items():
        states = _listed(procedure, found.states), _listed(procedure, found.to)
        yield f"| `{entry}` | {found.zh} / {found.en} | {states[0]} | {states[1]} |"
    yield ""


def _who(rule: ActRule) -> str:
    match rule.by:
        case By.ROLE:
            who = "、".join(role.value for role in rule.roles)
        case By.PARTY:
            who = f"本件的{'、'.join(rule.parties)} / whom the matter names so"
        case _:
            who = WHO[rule.by]
    return f"{who}; 回避 / never: {'、'.join(rule.barred)}" if rule.barred else who


def _listed(procedure: Procedure, states: Iterable[str]) -> str:
    known = {str(state) for state in states}
    return ", ".join(f"`{state}`" for state in procedure.states if state in known)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
