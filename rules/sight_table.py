"""Who may see which kind of matter, as data: one row a kind.

Three questions a row answers: by which ties it is seen, which ties hide it always, and which hide it until
the person concerned is told. Whatever hides is stronger than whatever shows. A kind without a row is shown
to nobody but the house. Sealed values are no part of any row: reading one is an act (domain M09, M19).

Rules: persons in a decision chain see nothing of a complaint or fault case about them before its notice; a
complaint's content never reaches the accused (信访工作条例) or his section; supervisors and auditors
read broadly, but no lead about themselves (domain 3.10).
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.sight import Tie

EVERYTHING = frozenset({Tie.HOUSE, Tie.AUDITOR, Tie.SUPERVISION, Tie.DISCIPLINE})
"""Who reads broadly."""

ANSWERING = frozenset({Tie.DUTY, "owner", "offered"})
"""Who answers for a matter now, did so before, or is offered it."""

SIGNING = frozenset({"handler", "reviewer", "approver"})

CHAIN = frozenset({"owner", *SIGNING})
"""Capacities that make the decision chain of a matter."""

MEETING = frozenset({"member", "chair"})

SERVED = frozenset({"addressee", "copy"})
"""Capacities of those whom a matter is served on; their superiors see it with them."""


@dataclass(frozen=True)
class SightRule:
    """Who sees one kind of matter. Ties are those of `Tie`, or what the matter names a person as."""

    sees: frozenset[str]
    never: frozenset[str] = frozenset()
    """Ties that hide it in every state."""
    until_told: frozenset[str] = frozenset()
    """Ties that hide it until its state is one of `told`, or from whoever has no tie of `lifted`."""
    told: frozenset[str] = frozenset()
    """States from the notice on."""
    lifted: frozenset[str] = frozenset({"notified"})
    """Ties of those who were told, or have to work on it."""


NOTICED = frozenset(
    {"noticed", "verified", "discussed", "decided", "served", "review", "complaint", "effective", "filed"}
)
"""States of a fault case from its notice on (domain 3.3)."""

_ORDINARY = SightRule(EVERYTHING | ANSWERING | SIGNING | {Tie.SECTION, Tie.SUPERIOR, Tie.OFFICE})

SIGHT: dict[str, SightRule] = {
    "case": _ORDINARY,
    "inquiry": _ORDINARY,
    "card": SightRule(
        EVERYTHING | ANSWERING | SERVED | {"judge", Tie.SUPERIOR},
        until_told=SERVED,
        told=frozenset({"served", "objected", "closed", "revoked"}),
        lifted=ANSWERING,
    ),
    "review": SightRule(EVERYTHING | ANSWERING | MEETING | {"convener", "custodian", Tie.CONCERNED}),
    "supervision": SightRule(
        EVERYTHING | ANSWERING | {"co_owner", "verifier", Tie.SECTION, Tie.SUPERIOR, Tie.OFFICE},
        never=frozenset({"accused"}),
    ),
    "complaint": SightRule(
        EVERYTHING | ANSWERING | {"handler", "verifier", "reporter", Tie.SECTION, Tie.SUPERIOR},
        never=frozenset({"accused", "colleague", "chain", Tie.ACCUSED_SECTION}),
        until_told=frozenset({Tie.CONCERNED}),
        lifted=ANSWERING | {"handler"},
    ),
    "fault": SightRule(
        EVERYTHING | ANSWERING | MEETING | {"investigator", "desk", "accused", "notified", Tie.HEAD},
        never=frozenset({Tie.OWN_OFFICE}),
        until_told=frozenset({"accused", "chain", Tie.CONCERNED}),
        told=NOTICED,
    ),
    "report": SightRule(EVERYTHING | ANSWERING | {"recipient", Tie.HEAD, Tie.OFFICE}),
}
"""By kind of matter."""

UNSEEN = SightRule(frozenset({Tie.HOUSE}))
"""A kind nobody has thought about yet."""

SECRET = frozenset({"complaint", "fault"})
"""Kinds of which those whom they are about learn nothing from another matter either."""
