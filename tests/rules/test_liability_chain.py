"""The decision table on one chain: L01-L10 and L12-L14 where they fit, and where they just do not."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.liability import Finding
from starter.rulebook import load_profile, rules_for
from tests.rules.liability_events import (
    APPROVER,
    CASE,
    HANDLER,
    HOUSE,
    REVIEWER,
    STAFF,
    Chain,
    asked,
    decided_chain,
    degrees,
    found,
    opinions,
    proposal,
)

FREE = "none"


def told(rule: str, handler: str, reviewer: str, approver: str) -> tuple[str, dict[str, str]]:
    """What a complete proposal says of the three."""
    return rule, {HANDLER: handler, REVIEWER: reviewer, APPROVER: approver}


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        (
            [*opinions("wrong", "wrong", "wrong"), *found(f"concealment=yes@{HANDLER}")],
            told("L02", "D", FREE, FREE),
        ),
        (
            [*opinions("wrong", "wrong", "wrong"), *found(f"concealment=no@{HANDLER}")],
            told("L04", "D", "M", "I"),
        ),
        (
            [*opinions("wrong", "wrong", "not_examined"), *found(f"concealment=no@{HANDLER}")],
            told("L04", "D", "M", "I"),
        ),
        ([*opinions("right", "wrong", "wrong")], told("L05", FREE, "D", "M")),
        ([*opinions("right", "right", "wrong")], told("L07", FREE, FREE, "D")),
        (
            [*opinions("wrong", "right", "wrong"), *found(f"concealment=no@{HANDLER}")],
            told("L07", "I", FREE, "D"),
        ),
        ([*opinions("right", "right", "not_examined")], told("L08", FREE, FREE, "D")),
        (
            [*opinions("right", "right", "right"), *found(f"execution=deviated@{HANDLER}")],
            told("L03", "D", FREE, FREE),
        ),
    ],
)
def test_whose_opinion_was_wrong(findings: list[Finding], expected: tuple[str, dict[str, str]]) -> None:
    """L02 to L05, L07 and L08: opinions as found, on a chain that is whole."""
    given = proposal(decided_chain(), [*STAFF, *findings])
    assert (given.rule, degrees(given)) == expected
    assert not given.incomplete
    assert not given.open_questions
    assert {row.officer: row.entries for row in given.rows} == {HANDLER: (2,), REVIEWER: (3,), APPROVER: (4,)}


def test_who_acted_alone() -> None:
    """L01: without review and approval, or deciding himself; not where both are there."""
    alone = Chain().signed(HANDLER, "handler")
    assert proposal(alone, STAFF).rule == "L01"
    own = Chain().signed(REVIEWER, "reviewer").decided(HANDLER, "handler")
    given = proposal(own, STAFF)
    assert (given.rule, degrees(given)) == ("L01", {REVIEWER: FREE, HANDLER: "D"})
    assert proposal(decided_chain(), [*STAFF, *opinions("right", "right", "wrong")]).rule != "L01"


def test_who_left_the_approver_out() -> None:
    """L06: only where the item has an approver; where the entries cannot tell, it is asked."""
    chain = Chain().signed(HANDLER, "handler").decided(REVIEWER, "reviewer")
    findings = [*STAFF, *opinions("right", "wrong", "")]
    given = proposal(chain, findings)
    assert (given.rule, degrees(given)) == ("L06", {HANDLER: FREE, REVIEWER: "D"})
    registry = rules_for(load_profile("current"), "LX-DJ-01", date(2026, 6, 1), sections=("liability",))
    assert proposal(chain, findings, house=registry).rule == "L05"
    unknown = HOUSE.model_copy(update={"item": None})
    assert asked(proposal(chain, findings, house=unknown)) == {"approval_required"}
    assert proposal(chain, [*findings, *found("approval_required=yes")], house=unknown).rule == "L06"


def test_who_decided_without_proposal_and_review() -> None:
    """L08: nothing was proposed or reviewed."""
    given = proposal(Chain().decided(), STAFF)
    assert (given.rule, degrees(given)) == ("L08", {APPROVER: "D"})
    assert proposal(Chain().signed(HANDLER, "handler").decided(), STAFF).rule != "L08"


ORDER = found("cause=staff", f"order=given@{APPROVER}")


def test_who_gave_the_order() -> None:
    """L09: the orderer is direct; who obeyed without objecting is his helper, who knew of nothing is free."""
    given = proposal(
        decided_chain(), [*ORDER, *found(f"obedience=obeyed@{HANDLER}", f"obedience=unaware@{REVIEWER}")]
    )
    assert (given.rule, degrees(given)) == told("L09", "I", FREE, "D")
    assert {row.officer: row.lighter for row in given.rows}[HANDLER] == ("under_order",)


def test_an_orderer_outside_the_chain_gets_a_row() -> None:
    """By the entry the finding names."""
    order = Finding(question="order", answer="given", who="1001", entry=1)
    rest = found(*(f"obedience=obeyed@{who}" for who in (HANDLER, REVIEWER, APPROVER)))
    given = proposal(decided_chain(), [*found("cause=staff"), order, *rest])
    assert degrees(given) == {HANDLER: "I", REVIEWER: "I", APPROVER: "I", "1001": "D"}
    row = given.rows[-1]
    assert (row.role, row.post, row.entries) == ("orderer", "head", (1,))


@pytest.mark.parametrize(("plainly", "degree"), [("no", FREE), ("yes", "I")])
def test_who_objected_in_writing(plainly: str, degree: str) -> None:
    """L10: he is free, unless the order was plainly unlawful; L09 where nobody objected."""
    obedience = found(f"obedience=objected@{HANDLER}", f"obedience=obeyed@{REVIEWER}")
    given = proposal(decided_chain(), [*ORDER, *obedience, *found(f"plainly_unlawful={plainly}")])
    assert (given.rule, degrees(given)) == told("L10", degree, "I", "D")


def test_whether_the_order_was_plainly_unlawful_is_not_guessed() -> None:
    """The row of whoever objected stays open, and the question is asked."""
    obedience = found(f"obedience=objected@{HANDLER}", f"obedience=obeyed@{REVIEWER}")
    given = proposal(decided_chain(), [*ORDER, *obedience])
    assert given.incomplete
    assert asked(given) == {"plainly_unlawful"}
    assert degrees(given) == {HANDLER: "open", REVIEWER: "I", APPROVER: "D"}


def test_a_higher_level_changed_it() -> None:
    """L12: nobody of this bureau answers; not where staff caused it."""
    given = proposal(decided_chain(), found("cause=upper_level"))
    assert (given.rule, degrees(given)) == told("L12", FREE, FREE, FREE)
    assert proposal(decided_chain(), [*STAFF, *opinions("right", "right", "wrong")]).rule != "L12"


@pytest.mark.parametrize("cause", ["applicant_fraud", "force_majeure", "unclear_rule"])
def test_nobody_could_have_known(cause: str) -> None:
    """L14: nobody answers, whatever else was found; not where staff caused it."""
    given = proposal(decided_chain(), [*found(f"cause={cause}"), *opinions("wrong", "wrong", "wrong")])
    assert (given.rule, degrees(given)) == told("L14", FREE, FREE, FREE)
    assert {row.because_zh[-5:] for row in given.rows} == {"不承担责任"}


def test_several_persons_together() -> None:
    """L13: by the part each played, the helper lighter; a chain that took no part in it is free."""
    parts = found("cause=staff", "part=main@1801", "part=helper@1301", "part=none@1303")
    given = proposal(decided_chain(), parts, "F18")
    assert given.rule == "L13"
    assert degrees(given) == {HANDLER: "D", REVIEWER: FREE, "1801": "D"}
    assert {row.officer: row.lighter for row in given.rows}[HANDLER] == ("minor_part",)
    assert asked(proposal(decided_chain(), parts[:1], "F18")) == {"part"}
    assert asked(proposal(decided_chain(), [*parts[:1], *parts[3:]], "F18")) == {"no_rule"}


def test_who_sent_a_matter_round() -> None:
    """F05 is done by acts of the file: their authors are asked about, and nobody else of the chain."""
    chain = decided_chain().add("duty.declined", "1401", "handler", "06-05", post="planning-handler")
    given = proposal(chain, found("cause=staff"), "F05")
    assert (degrees(given), asked(given)) == ({"1401": "open"}, {"part@1401"})
    assert degrees(proposal(chain, found("cause=staff", "part=main@1401"), "F05")) == {"1401": "D"}


def test_the_b_officer_answers_for_what_he_did() -> None:
    """And the A officer in whose name he signed is told that he does not."""
    chain = Chain().signed("1302", "handler", of=HANDLER).signed(REVIEWER, "reviewer").decided()
    wrong = found("opinion=wrong@1302", f"opinion=wrong@{REVIEWER}", f"opinion=wrong@{APPROVER}")
    given = proposal(chain, [*STAFF, *wrong, *found("concealment=no@1302")])
    assert degrees(given) == {"1302": "D", HANDLER: FREE, REVIEWER: "M", APPROVER: "I"}
    rows = {row.officer: row for row in given.rows}
    assert (rows["1302"].on_behalf_of, rows[HANDLER].role) == (HANDLER, "principal")


def test_one_person_in_two_roles_gets_one_row() -> None:
    """The first answer of the rule that fits him counts: the heavier one."""
    chain = Chain().signed(HANDLER, "handler").signed(APPROVER, "reviewer").decided()
    wrong = [*opinions("wrong", "", "wrong"), *found(f"concealment=no@{HANDLER}")]
    given = proposal(chain, [*STAFF, *wrong])
    assert degrees(given) == {HANDLER: "D", APPROVER: "M"}
    assert given.rows[1].capacities == ("reviewer", "approver")
    assert given.rows[1].entries == (3, 4)


def test_nothing_is_guessed() -> None:
    """Without findings everybody is examined, all rows are open, and the questions are told."""
    given = proposal(decided_chain(), [])
    assert given.incomplete
    assert given.rule == ""
    assert degrees(given) == {HANDLER: "open", REVIEWER: "open", APPROVER: "open"}
    assert {"cause", "order", f"opinion@{HANDLER}", f"concealment@{HANDLER}"} <= asked(given)
    assert not any(row.ranges or row.grade for row in given.rows)
    by_code = {each.question: each for each in given.open_questions}
    assert by_code["cause"].answers[0] == "staff"
    assert "L14" in by_code["cause"].rules


def test_a_contradiction_is_no_answer() -> None:
    """Two findings on one question leave it open, and it says why."""
    given = proposal(decided_chain(), found("cause=staff", "cause=force_majeure", "order=none"))
    assert given.incomplete
    assert [each.question for each in given.open_questions if each.contradicted] == ["cause"]


def test_where_no_rule_fits_people_have_to_say() -> None:
    """Everybody was right and carried it out: the table has no rule, and the proposal invents none."""
    right = [*STAFF, *opinions("right", "right", "right"), *found(f"execution=as_approved@{HANDLER}")]
    given = proposal(decided_chain(), right)
    assert given.incomplete
    assert asked(given) == {"no_rule"}
    assert set(degrees(given).values()) == {"open"}


def test_refused_acts_are_no_part_of_the_chain() -> None:
    """Who was refused has decided nothing."""
    chain = decided_chain().add("act.refused", "1801", "unverified", "06-05", act="decide")
    assert "1801" not in degrees(proposal(chain, []))


def test_the_window_that_turned_an_application_away() -> None:
    """F02 is done by the act of not accepting: whoever did it acted alone (L01)."""
    chain = Chain().add("case.not_accepted", "1101", "window", "06-02", post="window-clerk")
    given = proposal(chain, STAFF, "F02")
    assert (given.rule, degrees(given)) == ("L01", {"1101": "D"})
    assert (given.matter, given.last_seq, given.rows[0].entries) == (CASE, 2, (2,))
