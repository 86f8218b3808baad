"""Writes docs/procedures.md: the two procedures as tables, for people who do not read code.

Run as `python -m tools.write_procedures` after a change of `rules.procedures` or `rules.transitions`; a
test fails until the page says what the tables say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rules.procedures import ENDED, INTAKE, PROCEDURES, STATE_NAMES, ActRule, By
from rules.transitions import LEADS_TO, SILENCES
from schemas.acts import Act

PAGE = Path(__file__).parents[1] / "docs" / "procedures.md"

TITLES = {"case": "办件 / case", "inquiry": "咨询 / inquiry"}

WHO = {
    By.ANYONE: "任何岗位 / any post",
    By.STAGE: "本环节岗位 / post of the current stage",
    By.DUTY: "责任人或其同岗 / whoever has the duty, or the other officer of his post",
    By.OFFERED: "被移交岗位 / the post it is offered to",
    By.SYSTEM: "仅导入 / importer only",
}

HEAD = """# Procedures

Written by `python -m tools.write_procedures` from `rules/procedures.py` and `rules/transitions.py`;
do not edit.

An act that state, post, role or separation of duties forbids is refused with a recorded reason
(`rules/refusals.py`). Every post has an A and a B officer with the same powers. Nobody is two of handler,
reviewer and approver in one case; where that excludes both officers of a stage's post, the deputy head in
charge acts.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for kind in PROCEDURES for line in _procedure(kind))])


def _procedure(kind: str) -> Iterator[str]:
    yield f"## {TITLES[kind]}\n"
    internal = "; 依职权事项 / an internal item: by the post of its first stage" if kind == "case" else ""
    yield f"登记 / taken in by: {_who(INTAKE[kind])}{internal}.\n"
    yield from _states(kind)
    yield from _acts(kind)
    yield from _silences(kind)


def _states(kind: str) -> Iterator[str]:
    yield "| state | 状态 | acts possible in it |"
    yield "|---|---|---|"
    for state in _all_states(kind):
        names = [name for name, rule in PROCEDURES[kind].items() if state in rule.states]
        told = "ended, nothing is possible" if state in ENDED else ", ".join(f"`{name}`" for name in names)
        yield f"| `{state}` | {STATE_NAMES[state]} | {told} |"
    yield ""


def _acts(kind: str) -> Iterator[str]:
    yield "| act | 操作 | from | leads to | who | must state | fields of its own (* required) |"
    yield "|---|---|---|---|---|---|---|"
    for name, rule in PROCEDURES[kind].items():
        to = _listed(LEADS_TO[kind].get(name, ())) or "unchanged"
        needs = ", ".join(rule.needs) or "–"
        cells = (
            f"`{name}`",
            f"{rule.zh} / {rule.en}",
            _listed(rule.states),
            to,
            _who(rule),
            needs,
            _fields(rule),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _fields(rule: ActRule) -> str:
    own = {name: field for name, field in rule.payload.model_fields.items() if name not in Act.model_fields}
    return ", ".join(f"`{name}`{'*' if field.is_required() else ''}" for name, field in own.items()) or "–"


def _silences(kind: str) -> Iterator[str]:
    rows = [(entry, found) for entry, found in SILENCES.items() if entry.startswith(f"{kind}.")]
    if not rows:
        return
    yield "| entry | 期满 | from | leads to |"
    yield "|---|---|---|---|"
    for entry, found in rows:
        yield f"| `{entry}` | {found.zh} / {found.en} | {_listed(found.states)} | {_listed(found.to)} |"
    yield ""


def _all_states(kind: str) -> list[str]:
    known = {state for rule in PROCEDURES[kind].values() for state in rule.states}
    known |= {state for to in LEADS_TO[kind].values() for state in to}
    silences = (found for entry, found in SILENCES.items() if entry.startswith(f"{kind}."))
    known |= {state for found in silences for state in found.to}
    return [state for state in STATE_NAMES if state in known]


def _who(rule: ActRule) -> str:
    return "、".join(role.value for role in rule.roles) if rule.by is By.ROLE else WHO[rule.by]


def _listed(states: Iterable[str]) -> str:
    known = {str(state) for state in states}
    return ", ".join(f"`{state}`" for state in STATE_NAMES if state in known)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
