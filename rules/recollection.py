"""What is remembered of a matter's earlier entries, where an entry tells only what is new in it.

A vote says who voted, not who has yet to; so whoever shows open tasks keeps what was told before. It is a
fold: the same entries in the same order leave the same memory, however many are read at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Told = dict[str, Any]

_KEPT = ("status", "explained", "corrected", "clock", "rectify_due", "addressees")
"""Of a card."""

_OFFERED = frozenset({"duty.offered", "duty.designated", "supervision.assigned"})


def remembered(told: Mapping[str, Any], number: str, kind: str, actor: str, data: Mapping[str, Any]) -> Told:
    """The memory after an entry of this type (`kind`) by this actor."""
    new = dict(told)
    if kind in _OFFERED:
        new["to"] = data.get("to")
    _remember_help(new, kind, actor)
    _remember_card(new, number, data)
    if session := _SESSION.get(kind.partition(".")[2]) if kind.startswith(("review.", "fault.")) else None:
        new["session"] = session(_session(new), actor, data)
    return new


def _remember_help(new: Told, kind: str, actor: str) -> None:
    """Who has contributed to a report, and who has signed one."""
    match kind:
        case "supervision.assigned":
            new.pop("contributed", None)
        case "supervision.contributed":
            new["contributed"] = _with(new.get("contributed", []), actor)
        case "fault.reported":
            new["signed"] = [actor]
        case "fault.countersigned":
            new["signed"] = _with(new.get("signed", []), actor)


def _remember_card(new: Told, number: str, data: Mapping[str, Any]) -> None:
    """The card, where the matter is the card."""
    card = data.get("card")
    if isinstance(card, dict) and card.get("id") == number:
        nothing: Told = {"explained": [], "addressees": []}
        new["card"] = {name: card.get(name) or nothing.get(name) for name in _KEPT}


# -- a meeting --------------------------------------------------------------------------------


def _session(told: Told) -> Told:
    nobody: Told = dict.fromkeys(("members", "present", "leave", "recused", "voted", "signed"), [])
    known: Told = told.get("session", {})
    return nobody | {"at": "", "chair": ""} | known


def _convened(session: Told, _: str, data: Mapping[str, Any]) -> Told:
    """Who withdrew from the question stays away from it."""
    listed = [each for each in data.get("members", ()) if isinstance(each, dict)]
    members = [str(each["officer"]) for each in listed]
    withdrawn = [who for who in session["recused"] if who in members]
    chair = next((str(each["officer"]) for each in listed if each.get("chair")), "")
    nobody: Told = dict.fromkeys(("present", "leave", "voted", "signed"), [])
    return nobody | {"at": "called", "chair": chair, "members": members, "recused": withdrawn}


def _attended(session: Told, actor: str, data: Mapping[str, Any]) -> Told:
    left = {name: [who for who in session[name] if who != actor] for name in ("present", "leave")}
    if data.get("leave"):
        return session | left | {"leave": [*left["leave"], actor], "chair": data.get("chair", "")}
    return session | left | {"present": [*left["present"], actor]}


def _opened(session: Told, actor: str, _: Mapping[str, Any]) -> Told:
    return session | {"at": "open", "present": _with(session["present"], actor)}


def _recused(session: Told, _: str, data: Mapping[str, Any]) -> Told:
    at = "over" if data.get("void") else session["at"]
    recused = _with(session["recused"], str(data.get("member", "")))
    return session | {"at": at, "recused": recused, "chair": data.get("chair", "")}


def _voted(session: Told, actor: str, _: Mapping[str, Any]) -> Told:
    return session | {"voted": _with(session["voted"], actor)}


def _signed(session: Told, actor: str, _: Mapping[str, Any]) -> Told:
    return session | {"signed": _with(session["signed"], actor)}


_SESSION: Mapping[str, Callable[[Told, str, Mapping[str, Any]], Told]] = {
    "convened": _convened,
    "attended": _attended,
    "opened": _opened,
    "recused": _recused,
    "voted": _voted,
    "void": lambda session, _, __: session | {"at": "over"},
    "closed": lambda session, _, __: session | {"at": "closed"},
    "overridden": lambda session, _, __: session | {"signed": []},
    "minutes_countersigned": _signed,
    "minutes_signed": lambda session, _, __: session | {"at": "over"},
}
"""By the type of the entry."""


def _with(known: list[str], who: str) -> list[str]:
    return [*known, *(() if who in known else (who,))]
