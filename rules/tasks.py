"""Open tasks (待办): who has to do something in a matter now, told from what its entries have said of it.

Pure: a matter as it stands gives its tasks. What is to be done is named by the act that does it, so that each
task has its Chinese name, its form and its rules in the procedure's table. First the work of whoever has the
duty, by state; then what others owe: those to whom it is offered, whom a card is served on, who sit in a
meeting. Their days are those of the clocks that run against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rules.procedures import has_ended
from rules.standing import PERSON, POST, Clock, Standing, Task, day_after, days_of, task
from rules.task_table import BY_NAME, MEETING, OF_THE_POST, OWNER, STEPS, UNANSWERED, WHOLE, WORKED
from schemas.clocks import SUSPENDABLE, ClockKind

NOBODY = frozenset({"", "system", "unknown"})


def tasks_of(matter: Standing) -> tuple[Task, ...]:
    """The open tasks of a matter, each once; none of one that has ended, nor of a kind not known here.

    An older worker may record for a newer workflow: a row it cannot tell must not hold up the entry.
    """
    if matter.closed or matter.kind not in OWNER or has_ended(matter.kind, matter.state):
        return ()
    found = sorted(SPECIAL.get(matter.kind, _of_owner)(matter), key=_urgency, reverse=True)
    return tuple({(each.what, each.kind, each.assignee): each for each in found if each.assignee}.values())


def _urgency(found: Task) -> tuple[str, ...]:
    """Of what one person owes twice the nearer day counts; that comes last here."""
    return tuple(day or "~" for day in (found.due, found.red_from, found.yellow_from))


def parts_of(matter: Standing) -> frozenset[str]:
    """Everybody who works on the matter or has done so; nobody who is only concerned by it."""
    served = matter.state not in ("proposed", "dismissed")
    worked = (who for what, who in matter.people if what in WORKED or (served and what == "addressee"))
    return frozenset(worked) - NOBODY


# -- whoever has the duty ---------------------------------------------------------------------


def _of_owner(matter: Standing) -> Iterator[Task]:
    what = OWNER[matter.kind].get(matter.state)
    if what and matter.owner not in NOBODY:
        yield _owned(matter, what)


def _owned(matter: Standing, what: str) -> Task:
    clocks, stopped = _whole(matter)
    shared = matter.kind in OF_THE_POST and matter.owner_post
    who, kind = (matter.owner_post, POST) if shared else (matter.owner, PERSON)
    return task(what, who, clocks, matter.owner_post, kind=kind, stopped=stopped)


def _whole(matter: Standing) -> tuple[list[Clock], bool]:
    """The clocks against whoever has the duty; while they stand still, the special one and what is late."""
    running = [clock for clock in matter.running(*WHOLE) if not _anothers(matter, clock)]
    stopped = any(clock["clock"] in SUSPENDABLE and clock["due"] is None for clock in running)
    if stopped:
        running = [clock for clock in running if clock["breached"] or clock["clock"] == ClockKind.SPECIAL]
    return running, stopped


def _anothers(matter: Standing, clock: Clock) -> bool:
    """Steps of the chair, and those that are tasks of their own."""
    parts = str(clock["ref"]).split("/")
    return clock["ref"] in MEETING or (matter.kind == "fault" and bool({parts[0], parts[-1]} & {*STEPS}))


# -- whoever it is offered to -----------------------------------------------------------------


def _with_offers(matter: Standing) -> Iterator[Task]:
    """Until somebody takes what is offered, the sender has to see that it is taken."""
    handovers = matter.running(ClockKind.HANDOVER)
    disputed = [clock for clock in handovers if clock["ref"] == "designation"]
    offers = [clock for clock in handovers if clock["ref"] != "designation"]
    yield from (task("designate", clock["owner"], [clock]) for clock in disputed)
    if not offers:
        yield from _of_owner(matter)
        return
    yield from _offered(matter, offers)
    if any(clock["breached"] for clock in offers):
        yield task(UNANSWERED[matter.kind], matter.owner, offers, matter.owner_post)


def _offered(matter: Standing, offers: list[Clock]) -> Iterator[Task]:
    """To the post that the entry names; of a stage it names the people of the post."""
    post = matter.told.get("to")
    if post and any(clock["ref"] in BY_NAME for clock in offers):
        yield task("take_over", post, offers, post, kind=POST)
        return
    yield from (task("take_over", who, offers) for who in matter.named("offered"))


def _supervision(matter: Standing) -> Iterator[Task]:
    yield from _with_offers(matter)
    if matter.state == "in_progress":
        given = matter.told.get("contributed", ())
        helping = (who for who in matter.named("co_owner") if who not in given)
        yield from (task("contribute", who, matter.steps("finish", "rework")) for who in helping)


# -- whoever a card is served on --------------------------------------------------------------


def _card(matter: Standing) -> Iterator[Task]:
    card = matter.told.get("card") or {}
    if matter.state in OWNER["card"]:
        clocks = matter.steps("confirmation", "ruling")
        yield task(OWNER["card"][matter.state], matter.owner, clocks, matter.owner_post)
    if matter.state == "proposed" or card.get("status") != "open":
        return
    explained = card["explained"]
    days = days_of(matter.running(ClockKind.RECTIFY))
    due = days["due"] or card["rectify_due"]
    yellow, red = days["yellow_from"], days["red_from"] or day_after(due)
    waiting = (who for who in card["addressees"] if who not in explained)
    yield from (Task("reply", PERSON, who, None, due, yellow, red) for who in waiting)
    if explained and (card["corrected"] or not card["clock"]):
        yield task("accept_correction", matter.owner, (), matter.owner_post)


# -- whoever sits in a meeting ----------------------------------------------------------------


def _meeting(matter: Standing) -> Iterator[Task]:
    """The chair speaks, closes and signs last."""
    session = matter.told.get("session") or {}
    seated = [who for who in session.get("members", ()) if who not in session["recused"]]
    present = [who for who in seated if who in session["present"]]
    chair = session.get("chair", "")
    match session.get("at"):
        case "called":
            away = (*session["present"], *session["leave"])
            waiting = [who for who in seated if who not in away]
            yield from (task("attend", who, matter.steps("meeting")) for who in waiting)
        case "open":
            yield from _in_turn("vote", present, session["voted"], chair, [])
            if not set(present) - set(session["voted"]):
                yield task("close_session", chair)
        case "closed":
            clocks = matter.steps("minutes")
            yield from _in_turn("sign_minutes", present, session["signed"], chair, clocks)


def _in_turn(
    what: str, present: list[str], done: Sequence[str], chair: str, clocks: list[Clock]
) -> Iterator[Task]:
    waiting = [who for who in present if who not in done]
    if waiting != [chair]:
        waiting = [who for who in waiting if who != chair]
    yield from (task(what, who, clocks) for who in waiting)


def _review(matter: Standing) -> Iterator[Task]:
    yield from _of_owner(matter)
    yield from _meeting(matter)


# -- whoever has a part in a fault case -------------------------------------------------------


def _fault(matter: Standing) -> Iterator[Task]:
    session = matter.told.get("session") or {}
    meets = session.get("at") in ("called", "open", "closed")
    team = matter.named("investigator")
    idle = (matter.state == "investigating" and team) or (meets and matter.state in ("verified", "discussed"))
    if not idle:
        yield from _of_owner(matter)
    yield from _inquiring(matter, team)
    if matter.state in ("verified", "discussed"):
        yield from _meeting(matter)
    for clock in matter.running(ClockKind.STEP):
        parts = str(clock["ref"]).split("/")
        if what := STEPS.get(parts[0]) or STEPS.get(parts[-1]):
            yield task(what, clock["owner"], [clock])


def _inquiring(matter: Standing, team: tuple[str, ...]) -> Iterator[Task]:
    """The team reports and signs; those who were told are heard before it answers."""
    clocks = matter.steps("investigation")
    windows = [clock for clock in matter.running(ClockKind.WINDOW) if clock["ref"].startswith("defence/")]
    match matter.state:
        case "investigating":
            yield from (task("report", who, clocks) for who in team)
        case "reported":
            signed = matter.told.get("signed", ())
            yield from (task("countersign", who, clocks) for who in team if who not in signed)
        case "noticed" if windows:
            yield from (task("defend", clock["owner"], [clock]) for clock in windows)
        case "noticed":
            yield from (task("verify", who, clocks) for who in team)


SPECIAL: Mapping[str, Callable[[Standing], Iterator[Task]]] = {
    "case": _with_offers,
    "inquiry": _with_offers,
    "supervision": _supervision,
    "card": _card,
    "review": _review,
    "fault": _fault,
}
"""Kinds in which others than the owner owe something; `_of_owner` does for the rest."""
