"""Remedies, sanctions of other organs, and the end of a case (domain 3.6, 3.7)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.fault_desk import ACCUSED, DESK, HEAD, POST, SERIOUS, decided, served
from tests.workflows.house import House, at, day

DEMERIT = {"handling": [], "sanction": "adm-demerit"}


def sanction(**said: Any) -> dict[str, Any]:
    """What the supervisory commission decided."""
    about = {"person": ACCUSED, "sanction": "adm-demerit", "organ": "supervisory_commission"}
    return {
        **about,
        "number": "监处〔2037〕1号",
        "decided_on": "2037-06-16",
        "effective_on": "2037-06-16",
        **said,
    }


@beside
async def test_an_objection_within_thirty_days_and_its_answer(house: House) -> None:
    """The execution goes on; the result is never heavier; what is changed is changed by counter-entry."""
    file = await served(house, "06-15 09:00", "06-16 09:00")
    assert (await file.clock(ClockKind.WINDOW)).due == day("07-16")
    await file.refused("not_party", "apply_remedy", "registry-chief", path="organisational")
    await file.refused("no_remedy", "apply_remedy", POST, who=ACCUSED, path="employer")
    await file.refused("no_remedy", "apply_remedy", POST, who=ACCUSED, path="nowhere")
    await file.refused("no_open_remedy", "answer_remedy", DESK, person=ACCUSED, result="upheld", **ANSWER)
    await file.until("07-16 23:00")
    await file.act("apply_remedy", POST, who=ACCUSED, path="organisational")
    assert (await file.status()).state == "review"
    assert (await file.clock(ClockKind.STEP, f"remedy/{ACCUSED}/organisational")).due == day("08-17")
    await file.refused("remedy_open", "apply_remedy", POST, who=ACCUSED, path="organisational")
    await file.act("execute_measure", DESK, person=ACCUSED, measure="org-admonition", document="谈话记录")
    await file.refused(
        "executed_already", "execute_measure", DESK, person=ACCUSED, measure="诫勉谈话", document="再次"
    )
    await file.refused(
        "no_measure", "execute_measure", DESK, person=ACCUSED, measure="org-move", document="调令"
    )
    changed: dict[str, Any] = {"person": ACCUSED, "result": "changed", **ANSWER}
    await file.refused("measure_needed", "answer_remedy", DESK, **changed)
    worse = {"officer": ACCUSED, "handling": ["org-circulated"]}
    await file.refused("heavier", "answer_remedy", DESK, **changed, measure=worse)
    await file.act("answer_remedy", DESK, **changed, measure={"officer": ACCUSED, "handling": ["org-talk"]})
    counter = file.entries("fault.decision_changed")[0].data
    assert counter["left"]["handling"] == ["org-talk"]
    assert "appraisal" in counter["restores"]
    assert (await file.status()).state == "effective"
    await file.refused("unexecuted", "file", DESK)
    await file.act("execute_measure", DESK, person=ACCUSED, measure="org-talk", document="谈话记录")
    await file.act("file", DESK)


ANSWER = {"reason": "事实清楚、量纪偏重", "document": "复〔2037〕1号"}


@beside
async def test_a_right_that_was_not_used_is_gone(house: House) -> None:
    """Thirty days over the year end, rolled off New Year's holiday; then the decision takes effect."""
    file = await served(house, "12-01 09:00", "12-02 09:00")
    assert (await file.clock(ClockKind.WINDOW)).due == at("2038-01-04 00:00").date()
    await file.until("2038-01-05 09:00")
    assert (await file.status()).state == "effective"
    await file.refused("wrong_state", "apply_remedy", POST, who=ACCUSED, path="organisational")


@beside
async def test_a_revoked_decision_leaves_nothing(house: House) -> None:
    """Post, pay, reputation and appraisal come back; there is nothing to carry out."""
    file = await served(house)
    await file.act("apply_remedy", POST, who=ACCUSED, path="organisational")
    await file.act("answer_remedy", DESK, person=ACCUSED, result="revoked", **ANSWER)
    assert file.entries("fault.decision_revoked")[0].data["left"]["handling"] == []
    await file.act("file", DESK)
    assert (await file.handle.result())["state"] == "filed"


@beside
async def test_the_bureau_proposes_and_the_competent_organ_decides(house: House) -> None:
    """Registered with organ, number and date; of no other ladder; never twice for one act."""
    file = await decided(house, "06-15 09:00", "06-16 09:00", SERIOUS, **DEMERIT)
    assert (await file.clock(ClockKind.STEP, "sanction")).due == at("12-15 00:00").date()
    await file.refused("wrong_state", "register_sanction", DESK, **sanction())
    await file.act("serve", DESK, person=ACCUSED)
    assert (await file.status()).state == "effective"
    await file.refused("sanction_pending", "file", DESK)
    for name in ("party-serious-warning", "取保候审", "org-move"):
        await file.refused("wrong_ladder", "register_sanction", DESK, **sanction(sanction=name))
    await file.refused("wrong_organ", "register_sanction", DESK, **sanction(organ="public_security"))
    await file.refused("document_required", "register_sanction", DESK, **sanction(number=" "))
    await file.refused("not_proposed", "register_sanction", DESK, **sanction(person="1205"))
    await file.refused("decision_date", "register_sanction", DESK, **sanction(decided_on="2037-06-17"))
    await file.act("register_sanction", DESK, **sanction())
    record = file.entries("fault.sanction_registered")[0].data["record"]
    assert record["until"] == "2038-06-15"
    assert (await file.clock(ClockKind.WINDOW)).due == day("07-16")
    assert (await file.status()).state == "served"
    await file.refused("sanctioned_before", "register_sanction", DESK, **sanction(organ="city_government"))


@beside
async def test_party_and_criminal_measures_stand_beside_it(house: House) -> None:
    """Each by its own act, from its own organ."""
    file = await decided(house, "06-15 09:00", "06-16 09:00", SERIOUS, **DEMERIT)
    party = {"officer": ACCUSED, "discipline": "party-warning", "organ": "discipline_committee"}
    party |= {"number": "纪处1号", "decided_on": "2037-06-16"}
    await file.refused("wrong_ladder", "register_party", DESK, record={**party, "discipline": "adm-warning"})
    await file.refused("wrong_organ", "register_party", DESK, record={**party, "organ": "court"})
    await file.refused("no_officer", "register_party", DESK, record={**party, "officer": "7777"})
    await file.act("register_party", DESK, record=party)
    crime = {"officer": ACCUSED, "measure": "crim-bail", "organ": "public_security", "number": "取保1号"}
    crime |= {"since": "2037-06-16"}
    await file.refused("wrong_ladder", "register_criminal", DESK, record={**crime, "measure": "adm-warning"})
    await file.refused("not_on_duty", "register_criminal", HEAD, record=crime)
    await file.act("register_criminal", DESK, record=crime)


@beside
async def test_review_and_complaint_against_the_employers_sanction(house: House) -> None:
    """30 days to apply, 30 to decide; 15 to complain, 60 to decide and 30 more (公务员法 第95、96条)."""
    file = await served(house, "06-15 09:00", "06-16 09:00", SERIOUS, **DEMERIT)
    await file.act("register_sanction", DESK, **sanction(organ="city_government"))
    ref = f"remedy/{ACCUSED}/employer"
    assert (await file.clock(ClockKind.WINDOW, f"{ref}/0")).due == day("07-16")
    assert (await file.clock(ClockKind.WINDOW, f"{ref}/1")).due == day("07-16")
    await file.act("apply_remedy", POST, who=ACCUSED, path="employer")
    assert (await file.clock(ClockKind.STEP, ref)).due == day("07-16")
    await file.act("answer_remedy", DESK, person=ACCUSED, result="upheld", organ="city_government", **ANSWER)
    assert (await file.clock(ClockKind.WINDOW, f"{ref}/1")).due == day("07-01")
    await file.act("apply_remedy", POST, who=ACCUSED, path="employer", step=1)
    assert (await file.status()).state == "complaint"
    assert (await file.clock(ClockKind.STEP, ref)).due == day("08-17")
    await file.refused("extension_too_long", "extend", HEAD, step=ref, days=31, reason="复杂")
    await file.act("extend", HEAD, step=ref, days=30, reason="复杂")
    left: dict[str, Any] = {"officer": ACCUSED, "sanction": "adm-warning"}
    worse = {**left, "sanction": "adm-demotion"}
    answer: dict[str, Any] = {"person": ACCUSED, "result": "changed", **ANSWER}
    await file.refused("heavier", "answer_remedy", DESK, **answer, measure=worse)
    await file.act("answer_remedy", DESK, **answer, measure=left)
    kept: Any = (await file.status()).detail["sanctions"]
    assert kept[0]["until"] == "2037-12-15"
    assert (await file.status()).state == "effective"
    await file.act("file", DESK)


@beside
async def test_a_complaint_may_be_made_at_once(house: House) -> None:
    """Without the review before it; then there is no review any more."""
    file = await served(house, "06-15 09:00", "06-16 09:00", SERIOUS, **DEMERIT)
    await file.act("register_sanction", DESK, **sanction(organ="city_government"))
    await file.act("apply_remedy", POST, who=ACCUSED, path="employer", step=1)
    await file.act("answer_remedy", DESK, person=ACCUSED, result="revoked", **ANSWER)
    assert (await file.status()).state == "effective"
    kept: Any = (await file.status()).detail["sanctions"]
    assert kept[0]["revoked"]


@beside
async def test_the_organ_may_decide_that_there_is_no_sanction(house: House) -> None:
    """That is registered as well; then nothing is pending."""
    file = await served(house, "06-15 09:00", "06-16 09:00", SERIOUS, **DEMERIT)
    await file.act("register_sanction", DESK, **sanction(sanction=""))
    await file.act("file", DESK)
    assert (await file.handle.result())["state"] == "filed"
