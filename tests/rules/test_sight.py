"""Who may see what: every kind of matter, in every state, for everybody who has anything to do with it.

The table below is written from the bureau's rules, not from the code. People of the organisation that the
project ships look; the walk is complete: every kind, state, role and capacity, alone and as the accused.
"""

from __future__ import annotations

import pytest

from rules.policy import may_see
from rules.procedures import PROCEDURES
from rules.sight import chain_of, staff_of, told_of, viewer_of, whole
from rules.sight_table import SIGHT
from schemas.sight import HOUSE, Shown, Viewer
from starter.rulebook import load_profile

PROFILE = load_profile("current")
STAFF = staff_of(PROFILE.posts)

TOLD = {"noticed", "verified", "discussed", "decided", "served"}
TOLD |= {"review", "complaint", "effective", "filed"}
UNTOLD = {"lead", "screening", "not_accepted", "investigating", "reported"}
UNTOLD |= {"suspended_for_court", "transferred", "merged"}
SERVED = {"served", "objected", "closed", "revoked"}
"""States of a card that its addressees know of."""

WRITTEN: dict[str, set[str]] = {
    "card": SERVED | {"proposed", "dismissed"},
    "review": {"convened", "open", "resolved", "void"},
    "complaint": {"registered", "accepted", "replied", "closed"},
    "supervision": {"registered", "in_progress", "closed"},
    "report": {"generated", "signed", "distributed"},
    "fault": TOLD | UNTOLD,
}
STATES = {
    kind: sorted({*(PROCEDURES[kind].states if kind in PROCEDURES else ()), *WRITTEN.get(kind, ())})
    for kind in SIGHT
}
"""Every state a procedure has, and those that the rules of domain 2.9 and 3.3 know."""

# Who looks, by what he is in the organisation. The matter is in the hands of 1201 of the registry.
PEOPLE = {
    "owner": "1201",
    "owner's B": "1202",
    "colleague": "1204",
    "chief": "1205",
    "deputy in charge": "1003",
    "other section": "1401",
    "other chief": "1403",
    "deputy's B": "1004",
    "head": "1001",
    "office": "1801",
    "supervision": "1901",
    "discipline": "1005",
}

BROAD = {"supervision", "discipline"}
OWNERS = {"owner", "owner's B"}
LINE = OWNERS | {"colleague", "chief", "deputy in charge", "deputy's B", "head"}

SEES = {
    "case": BROAD | LINE | {"office"},
    "inquiry": BROAD | LINE | {"office"},
    "supervision": BROAD | LINE | {"office"},
    "card": BROAD | OWNERS | {"chief", "deputy in charge", "deputy's B", "head"},
    "review": BROAD | OWNERS,
    "complaint": BROAD | LINE,
    "fault": BROAD | OWNERS | {"head"},
    "report": BROAD | OWNERS | {"head", "office"},
}
"""Who sees a matter of each kind that names nobody, in every state."""

CAPACITIES = {
    "case": {"handler", "reviewer", "approver", "offered"},
    "inquiry": {"handler", "reviewer", "approver", "offered"},
    "card": {"addressee", "copy", "judge", "offered"},
    "review": {"member", "chair", "convener", "custodian", "offered"},
    "complaint": {"handler", "verifier", "reporter", "offered"},
    "supervision": {"co_owner", "verifier", "offered"},
    "fault": {"investigator", "desk", "member", "chair", "offered", "notified"},
    "report": {"recipient", "offered"},
}
"""As what else a matter shows itself to whom it names so."""

ALL_CAPACITIES = set().union(*CAPACITIES.values())


def viewer(officer: str) -> Viewer:
    """Somebody of the shipped organisation."""
    return viewer_of(officer, PROFILE.posts, PROFILE.sections)


def shown(kind: str, state: str, *people: tuple[str, str], chain: tuple[str, ...] = ()) -> Shown:
    """A matter in the hands of the registry's handler."""
    named = (("owner", "1201"), *people)
    return Shown(
        kind=kind,
        state=state,
        owner="1201",
        owner_post="registry-handler",
        section="registry",
        people=named,
        chain=chain,
    )


def sees(officer: str, matter: Shown) -> bool:
    """Whether he sees it."""
    return may_see(viewer(officer), matter, STAFF).allowed


WALK = [(kind, state) for kind, states in STATES.items() for state in states]


def test_no_kind_is_forgotten() -> None:
    """Every procedure has a row here and in the table."""
    assert set(PROCEDURES) <= set(SIGHT) == set(SEES) == set(CAPACITIES)
    assert all(STATES.values())


def test_the_states_from_the_notice_on_are_states_of_a_fault_case() -> None:
    """A state that is renamed must not open a case to those it is about."""
    assert SIGHT["fault"].told == TOLD
    if "fault" in PROCEDURES:
        assert set(PROCEDURES["fault"].states) >= TOLD


@pytest.mark.parametrize(("kind", "state"), WALK)
def test_everybody_before_every_kind_in_every_state(kind: str, state: str) -> None:
    """By place in the organisation alone."""
    found = {name for name, officer in PEOPLE.items() if sees(officer, shown(kind, state))}
    assert found == SEES[kind]


@pytest.mark.parametrize(("kind", "state"), WALK)
def test_every_capacity_of_a_stranger(kind: str, state: str) -> None:
    """What a matter names somebody as shows it to him, where the rules say so; nothing else does."""
    for capacity in ALL_CAPACITIES | {"witness"}:
        told = sees("1401", shown(kind, state, (capacity, "1401")))
        unserved = kind == "card" and state not in SERVED and capacity in ("addressee", "copy")
        assert told is (capacity in CAPACITIES[kind] and not unserved), capacity


@pytest.mark.parametrize(("kind", "state"), WALK)
@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_sees_a_complaint_or_fault_about_himself_before_its_notice(
    kind: str, state: str, name: str
) -> None:
    """Whatever his post; a matter of another kind goes on being what it is to him."""
    officer = PEOPLE[name]
    told = sees(officer, shown(kind, state, ("accused", officer)))
    if kind in ("complaint", "supervision"):
        assert not told
    elif kind == "fault":
        assert told is (state in TOLD and name != "supervision")
    else:
        assert told is (name in SEES[kind])


@pytest.mark.parametrize("state", STATES["fault"])
def test_a_chain_sees_nothing_of_a_fault_before_the_notice(state: str) -> None:
    """Not the approver who is head, not the supervisor who once designated: not even that it exists."""
    for officer in ("1001", "1201", "1205", "1901"):
        before = sees(officer, shown("fault", state, chain=(officer,)))
        named = sees(officer, shown("fault", state, ("chain", officer)))
        assert before is named
        assert before is (state in TOLD and officer in ("1001", "1201", "1901"))


def test_who_was_served_the_notice_sees_the_case_whatever_its_state_is_called() -> None:
    for state in ("suspended_for_court", "merged"):
        people = (("accused", "1401"), ("notified", "1401"))
        assert sees("1401", shown("fault", state, *people))
        assert not sees("1401", shown("fault", state, people[0]))


@pytest.mark.parametrize("state", STATES["complaint"])
def test_the_section_of_the_accused_sees_no_complaint(state: str) -> None:
    """Nor its chief; but who supervises and disciplines does, and the section that it was given to."""
    about_planning = shown("complaint", state, ("accused", "1401"))
    assert {name for name, officer in PEOPLE.items() if sees(officer, about_planning)} == SEES["complaint"]
    about_registry = shown("complaint", state, ("accused", "1203"))
    assert {n for n, o in PEOPLE.items() if sees(o, about_registry)} == BROAD | {
        "deputy in charge",
        "deputy's B",
        "head",
    }
    about_a_leader = shown("complaint", state, ("accused", "1004"))
    assert not sees("1003", about_a_leader)  # the leaders are one section
    assert sees("1005", about_a_leader)


@pytest.mark.parametrize("kind", ["complaint", "fault"])
def test_a_matter_about_the_supervision_office_is_the_discipline_secretarys(kind: str) -> None:
    """Nobody of the office, not even the one who is not accused himself."""
    for state in STATES[kind]:
        about = shown(kind, state, ("accused", "1901"))
        assert not sees("1902", about)
        assert sees("1005", about)
        assert sees("1902", shown(kind, state, ("accused", "1005")))


def test_who_has_to_answer_a_complaint_about_his_own_case_sees_it() -> None:
    """Others of that case's chain do not."""
    about = shown("complaint", "accepted", chain=("1201", "1205", "1401"))
    assert sees("1201", about)
    assert not sees("1205", about)
    assert not sees("1401", about)


def test_superiors_of_those_whom_a_card_is_served_on_see_it() -> None:
    card = shown("card", "served", ("addressee", "1401"))
    assert sees("1403", card)
    assert sees("1002", card)  # deputy in charge of planning
    assert not sees("1402", card)
    assert not sees("1303", card)


def test_an_auditor_reads_broadly_but_nothing_about_himself() -> None:
    for kind, state in WALK:
        auditor = viewer("1401").model_copy(update={"auditor": True})
        assert may_see(auditor, shown(kind, state), STAFF).allowed
        if kind == "complaint" or (kind == "fault" and state not in TOLD):
            assert not may_see(auditor, shown(kind, state, ("accused", "1401")), STAFF).allowed


def test_the_house_sees_all_and_a_kind_nobody_thought_of_is_shown_to_nobody_else() -> None:
    for kind, state in WALK:
        assert may_see(HOUSE, shown(kind, state), STAFF).allowed
    new = shown("ballot", "open", ("member", "1401"))
    assert may_see(HOUSE, new, STAFF).allowed
    assert not any(sees(officer, new) for officer in PEOPLE.values())


def test_what_is_told_as_left_out_depends_on_nothing_but_who_looks() -> None:
    """A supervisor sees all of most kinds; of those that may be about himself nobody sees all."""
    whole_kinds = {kind for kind in SIGHT if whole(viewer("1901"), kind)}
    assert whole_kinds == {"case", "inquiry", "review", "report"}
    assert not any(whole(viewer("1401"), kind) for kind in SIGHT)
    assert all(whole(HOUSE, kind) for kind in SIGHT)


def test_an_entry_that_tells_of_a_hidden_matter_is_known_by_its_data() -> None:
    assert list(told_of("PZ-1", {"lead": {"source": "red_card"}})) == [("fault", "GC-PZ-1")]
    other = {"lead": {"source": "audit"}, "fault": "GC-HS-1-7"}
    assert list(told_of("HS-1", other)) == [("fault", "GC-HS-1-7")]
    because = {"kind": "complaint", "number": "TS-1", "seq": 1}
    assert list(told_of("LX-1", {"because": because})) == [("complaint", "TS-1")]
    assert list(told_of("LX-1", {"because": {**because, "kind": "case"}})) == []
    assert list(told_of("LX-1", {})) == []


def test_the_chain_of_a_matter_is_whoever_answered_or_signed() -> None:
    people = (("owner", "1201"), ("approver", "1002"), ("offered", "1205"), ("approver", "1002"))
    assert chain_of(people) == ("1002", "1201")
