"""Notice, statement and defence (告知、陈述申辩、复核): nobody is decided upon unheard, or worse off for it.

The window is a right: it is not shortened but by the person's own written waiver. Every point is answered
before anything goes on, and what was proposed may become lighter only. Source: 政务处分法 Art.43.
"""

from __future__ import annotations

from rules.confirming import liable
from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from rules.sanctions import check_measure, heavier
from schemas.clocks import ClockKind
from schemas.fault import Defence
from schemas.fault_acts import Defend, NoticeFacts, Verify, Waive
from schemas.fault_measures import Measure
from workflows.fault_matter import FaultMatter
from workflows.matter import act

DEFENCE = "defence"


class FaultDefence(FaultMatter):
    """What is put to the persons concerned, and what they answer."""

    @act
    def notify_facts(self, message: NoticeFacts) -> None:
        """告知: facts and proposed handling, to everybody who is to answer; each has his own window."""
        self.check_inside()
        signed = {self.state.reported_by, *self.state.countersigned}
        if len(signed) < self.faults.investigators:
            raise Refusal("report_unsigned", least=self.faults.investigators)
        self._check_noticed(message.measures)
        self.set(state=FaultStage.NOTICED, noticed=message.measures, proposed=message.measures)
        window = self.faults.limits.get(DEFENCE)
        for who in (measure.officer for measure in message.measures):
            self.start_clock(
                ClockKind.WINDOW,
                self.told_on,
                window.limit if window else None,
                ref=f"{DEFENCE}/{who}",
                owner=who,
                post=self.post_of_officer(who),
            )
        told = tuple(measure.officer for measure in message.measures)
        self.write("facts_noticed", document=message.document, measures=_told(message.measures), notify=told)

    def _check_noticed(self, measures: tuple[Measure, ...]) -> None:
        answering, named = liable(self.state.rows), [measure.officer for measure in measures]
        missing = [who for who in answering if who not in named]
        if missing or len(named) != len(set(named)):
            raise Refusal("notice_incomplete", officers="、".join(missing or named))
        for measure in measures:
            if measure.officer not in answering:
                raise Refusal("not_liable", officer=measure.officer)
            check_measure(measure, self.faults)

    @act
    def defend(self, message: Defend) -> None:
        """陈述申辩: in writing, or orally and recorded by an investigator; as often as the window allows."""
        self._check_speaker(message)
        self._check_window(message.person)
        earlier = next((each for each in self.state.defences if each.officer == message.person), None)
        points = {**(dict(earlier.points) if earlier else {}), **message.points}
        said = Defence(officer=message.person, points=tuple(points.items()), oral=message.oral, at=self.at)
        others = tuple(each for each in self.state.defences if each.officer != message.person)
        self.set(defences=(*others, said))
        self.write("defended", person=message.person, points=message.points, oral=message.oral)

    def _check_speaker(self, message: Defend) -> None:
        if message.officer == message.person:
            return
        if message.officer not in self.state.team:
            raise Refusal("own_words")
        if not message.oral:
            raise Refusal("not_oral")

    def _check_window(self, person: str) -> None:
        if not self.running_window(f"{DEFENCE}/{person}"):
            raise Refusal("defence_closed", officer=person)

    @act
    def waive(self, message: Waive) -> None:
        """书面放弃: only by the person himself, and only in writing, does the window end early."""
        if not message.document.strip():
            raise Refusal("document_required")
        self._check_window(message.officer)
        self.stop_clocks(ClockKind.WINDOW, self.at, f"{DEFENCE}/{message.officer}")
        self.write("defence_waived", document=message.document)

    @act
    def verify(self, message: Verify) -> None:
        """复核: every point checked and answered; no measure becomes heavier for it."""
        noticed = self.state.noticed
        if waiting := [m.officer for m in noticed if self.running_window(f"{DEFENCE}/{m.officer}")]:
            raise Refusal("defence_open", officers="、".join(waiting))
        self._check_answers(message.answers)
        for measure in message.measures:
            check_measure(measure, self.faults)
        if worse := list(heavier(message.measures, self.state.proposed, self.faults)):
            raise Refusal("heavier", officers="、".join(worse))
        given = {measure.officer: measure for measure in message.measures}
        proposed = tuple(given.get(measure.officer, measure) for measure in self.state.proposed)
        self.set(state=FaultStage.VERIFIED, proposed=proposed)
        self.write("verified", answers=message.answers, measures=_told(proposed))

    def _check_answers(self, answers: dict[str, str]) -> None:
        points = {f"{each.officer}/{code}" for each in self.state.defences for code, _ in each.points}
        open_points = sorted(p for p in points if not answers.get(p, "").strip())
        if open_points and self.state.state == FaultStage.NOTICED:
            raise Refusal("point_unanswered", points="、".join(open_points))
        if strange := sorted(set(answers) - points):
            raise Refusal("unknown_answer", points="、".join(strange))


def _told(measures: tuple[Measure, ...]) -> list[dict[str, object]]:
    """Measures as an entry holds them."""
    return [measure.model_dump(mode="json", exclude_defaults=True) for measure in measures]
