"""What time brings to a matter: reminders, limits that end, cards on their issue day.

Engine-free: everything here changes `self.state` and drafts entries; the kernel
(`workflows.matter`) decides when, and makes both durable.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.moments import Moment, card_moments, clock_moments
from rules.policy import deputy_of, section_of
from schemas.clocks import Clock
from workflows.card_news import CardNews
from workflows.clocks import S

__all__ = ["S", "Timed"]


class Timed(CardNews[S]):
    """A matter in time."""

    # -- what a procedure fills in --------------------------------------------------------

    def expired(self, clock: Clock, at: datetime) -> None:
        """What else a procedure attaches to the end of a limit; nothing by default."""

    def alerted(self, clock: Clock) -> tuple[str, ...]:
        """Who is told of a breach at once, card or no card; nobody by default."""
        return ()

    def window_closed(self, clock: Clock, at: datetime) -> None:
        """What follows when somebody let his right pass; by default it is only told."""
        self.write_system("window.closed", at, clock.owner, clock=clock.kind.value, ref=clock.ref)

    # -- moments --------------------------------------------------------------------------

    def moments(self) -> Iterator[Moment]:
        """Everything that time alone will bring; procedures add their own."""
        for clock in self.state.clocks:
            yield from clock_moments(clock, self.rules, reminders=not self.imported)
        yield from card_moments(self.state.cards, self.rules)

    def pass_time(self, until: datetime, detected_at: datetime) -> None:
        """Apply, in order, every limit that expired up to `until`."""
        while True:
            upcoming = min(self.moments(), key=lambda m: m.rank, default=None)
            if upcoming is None or upcoming.at > until:
                return
            self.apply_moment(upcoming, detected_at)

    def apply_moment(self, moment: Moment, detected_at: datetime) -> None:
        """One moment: a reminder, a breach, a card's issue day."""
        match moment.what:
            case "yellow" | "deputy":
                self._remind(moment)
            case "issue" if moment.card:
                self.issue_card(moment.card, moment.at)
            case "window" if moment.clock:
                self._close_window(moment.clock, moment.at)
            case "rectify_expired" if moment.clock:
                self.escalate_card(moment.clock, moment.at)
            case _ if moment.clock:
                self._breach(moment.clock, moment.at, detected_at)

    def next_instant(self) -> datetime | None:
        """When time will next bring something."""
        return min((m.at for m in self.moments()), default=None)

    def _remind(self, moment: Moment) -> None:
        assert moment.clock is not None
        clock = self.change_clock(moment.clock, marks=(*moment.clock.marks, moment.what))
        officer, post = self.owner_of(clock)
        told = officer if moment.what == "yellow" else deputy_of(self.rules, section_of(self.rules, post))
        kind = "lamp.yellow" if moment.what == "yellow" else "clock.due_today"
        self.write_system(kind, moment.at, officer, clock=clock.kind.value, ref=clock.ref, notify=(told,))

    def _close_window(self, clock: Clock, at: datetime) -> None:
        self.window_closed(self.change_clock(clock, stopped_on=self.day(at), stopped_at=at), at)

    def _breach(self, clock: Clock, at: datetime, detected_at: datetime) -> None:
        officer, _ = self.owner_of(clock)
        clock = self.change_clock(clock, breached=True)
        facts = {"breached_at": at.isoformat(), "detected_at": detected_at.isoformat()}
        about = {"clock": clock.kind.value, "ref": clock.ref, **facts}
        self.write_system("clock.breached", at, officer, notify=self.alerted(clock), **about)
        if self.card_for(clock):
            self.prepare_card(clock, at)
        self.expired(clock, at)
