"""The clock algebra against its own definition, counted day by day, and the laws it must keep."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import is_workday
from rules.lamps import lamp
from rules.limits import actual_days, counted, deadline, left, warn
from schemas.clocks import Clock, ClockKind, Lamp, Limit, Suspension, Unit
from tests.rules.calendars import china

CHINA = china(2025, 2026)
DAY = timedelta(days=1)
HORIZON = 900
"""Days after the start within which every generated limit ends, unless a span stays open."""

STARTS = st.dates(date(2024, 12, 1), date(2027, 1, 31))
LENGTHS = st.integers(0, 60)
OFFSETS = st.integers(-5, 90)
UNITS = st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH])


@st.composite
def clocks(draw: st.DrawFn, units: st.SearchStrategy[Unit] = UNITS, *, may_stay_open: bool = True) -> Clock:
    """Promise clocks with up to four suspensions in any order, some empty, overlapping or still open."""
    start, unit = draw(STARTS), draw(units)
    n = draw(st.integers(0, 4)) if unit is Unit.MONTH else draw(LENGTHS)
    lengths = st.integers(0, 25) | st.none() if may_stay_open else st.integers(0, 25)
    spans = draw(st.lists(st.tuples(OFFSETS, lengths), max_size=4))
    return Clock(
        kind=ClockKind.PROMISE,
        start=start,
        limit=Limit(n=n, unit=unit, rolls=draw(st.booleans())),
        extension=draw(st.integers(0, 2)),
        suspensions=tuple(
            Suspension(start=start + s * DAY, end=None if r is None else start + (s + r) * DAY)
            for s, r in spans
        ),
    )


WORKING_CLOCKS = clocks(st.just(Unit.WORKING_DAY), may_stay_open=False)
CLOSED_CLOCKS = clocks(may_stay_open=False)


class Naive:
    """The definitions of the rules, word for word, with sets and loops."""

    def __init__(self, clock: Clock) -> None:
        """Walk the clock's days once."""
        self.clock = clock
        self.working = clock.limit.unit is Unit.WORKING_DAY
        self.n = self._length()
        self.last = self._last()
        self.due = self._due()

    def workday(self, day: date) -> bool:
        """Listed, or a plain weekday."""
        if day in CHINA.makeup_workdays:
            return True
        return day.weekday() not in (5, 6) and day not in CHINA.days_off

    def suspended(self, day: date) -> bool:
        """In one of the half-open spans."""
        return any(
            span.start < day and (span.end is None or day <= span.end) for span in self.clock.suspensions
        )

    def counts(self, day: date) -> bool:
        """After the start, of the right sort, and not suspended."""
        right = self.workday(day) or not self.working
        return day > self.clock.start and right and not self.suspended(day)

    def _length(self) -> int:
        n = self.clock.limit.n + self.clock.extension
        if self.clock.limit.unit is not Unit.MONTH:
            return n
        start, month = self.clock.start, self.clock.start.month + n
        year, month = start.year + (month - 1) // 12, (month - 1) % 12 + 1
        return (date(year, month, min(start.day, monthrange(year, month)[1])) - start).days

    def _last(self) -> date | None:
        """The earliest day with n days counted."""
        day, used = self.clock.start, 0
        for _ in range(HORIZON):
            if used == self.n:
                return day
            day += DAY
            used += self.counts(day)
        return None

    def _due(self) -> date | None:
        due = self.last
        if due is None:
            return None
        if self.n and not self.working and self.clock.limit.rolls:
            for _ in range(HORIZON):
                if self.workday(due) and (due == self.last or not self.suspended(due)):
                    break
                due += DAY
            else:
                return None
        opened = (max(span.start, self.clock.start) for span in self.clock.suspensions if span.end is None)
        return None if due in opened else due

    def left(self, day: date) -> int:
        """N less the days counted; a day the limit rolled over is not one of them."""
        days = [self.clock.start + k * DAY for k in range(1, (day - self.clock.start).days + 1)]
        if self.due is None or day <= self.due:
            return max(0, self.n - sum(map(self.counts, days)))
        late = sum(self.counts(d) for d in days if d > self.due)
        return -late


@given(clocks())
def test_due_dates_are_those_of_the_definition(clock: Clock) -> None:
    naive = Naive(clock)
    assert deadline(clock, CHINA, warn_divisor=10).due == naive.due


@given(clocks(), st.integers(-3, 150))
def test_days_left_are_those_of_the_definition(clock: Clock, offset: int) -> None:
    day = clock.start + offset * DAY
    assert left(clock, CHINA, day) == Naive(clock).left(day)


@given(clocks(), st.integers(1, 12))
def test_yellow_begins_on_the_first_day_the_warning_holds(clock: Clock, divisor: int) -> None:
    naive, dates = Naive(clock), deadline(clock, CHINA, warn_divisor=divisor)
    if dates.due is None:
        assert dates.yellow_from is None
        return
    days = [clock.start + k * DAY for k in range((dates.due - clock.start).days + 1)]
    expected = next(day for day in days if naive.left(day) <= warn(naive.n, divisor))
    assert dates.yellow_from == expected
    assert dates.red_from == dates.due + DAY


@given(clocks())
def test_the_derivation_adds_up(clock: Clock) -> None:
    dates, naive = deadline(clock, CHINA, warn_divisor=10, derivation=True), Naive(clock)
    assert dates.days[0].day == clock.start
    assert all(after.day - before.day == DAY for before, after in pairwise(dates.days))
    assert [note.n for note in dates.days] == [counted(clock, CHINA, note.day) for note in dates.days]
    rolled = (note.day for note in dates.days if note.why == "rolled")
    assert all(naive.last is not None and day > naive.last for day in rolled)
    if dates.due is not None:
        assert dates.days[-1].day == dates.due
        assert dates.days[-1].n == naive.n


@given(clocks(), st.integers(-3, 120), st.integers(0, 30))
def test_days_used_never_fall(clock: Clock, offset: int, later: int) -> None:
    day = clock.start + offset * DAY
    assert counted(clock, CHINA, day) <= counted(clock, CHINA, day + later * DAY)


@given(CLOSED_CLOCKS)
def test_the_due_day_is_the_n_th(clock: Clock) -> None:
    due = deadline(clock, CHINA, warn_divisor=10).due
    assert due is not None
    assert left(clock, CHINA, due) == 0
    assert due >= clock.start


@given(WORKING_CLOCKS)
def test_a_limit_in_working_days_ends_on_a_working_day_it_counts(clock: Clock) -> None:
    due = deadline(clock, CHINA, warn_divisor=10).due
    assert due is not None
    if due > clock.start:
        assert is_workday(CHINA, due)
        assert left(clock, CHINA, due - DAY) == 1


@given(CLOSED_CLOCKS, OFFSETS)
def test_stopping_and_going_on_the_same_day_changes_nothing(clock: Clock, offset: int) -> None:
    day = clock.start + offset * DAY
    empty = clock.model_copy(update={"suspensions": (*clock.suspensions, Suspension(start=day, end=day))})
    assert deadline(empty, CHINA, warn_divisor=10) == deadline(clock, CHINA, warn_divisor=10)


@given(clocks(), st.randoms(use_true_random=False))
def test_the_order_of_suspensions_does_not_matter(clock: Clock, random: object) -> None:
    spans = list(clock.suspensions)
    random.shuffle(spans)  # type: ignore[attr-defined]
    shuffled = clock.model_copy(update={"suspensions": tuple(spans)})
    assert deadline(shuffled, CHINA, warn_divisor=10) == deadline(clock, CHINA, warn_divisor=10)


@given(CLOSED_CLOCKS, st.integers(0, 25), st.integers(0, 5))
def test_one_span_is_as_good_as_its_pieces(clock: Clock, cut: int, overlap: int) -> None:
    pieces: list[Suspension] = []
    for span in clock.suspensions:
        assert span.end is not None
        middle = min(span.end, span.start + cut * DAY)
        pieces.append(Suspension(start=span.start, end=middle))
        pieces.append(Suspension(start=max(span.start, middle - overlap * DAY), end=span.end))
    in_pieces = clock.model_copy(update={"suspensions": tuple(pieces)})
    assert deadline(in_pieces, CHINA, warn_divisor=10) == deadline(clock, CHINA, warn_divisor=10)


@given(WORKING_CLOCKS, st.integers(1, 30))
def test_an_extension_adds_exactly_its_days(clock: Clock, days: int) -> None:
    extended = clock.model_copy(update={"extension": clock.extension + days})
    before = deadline(clock, CHINA, warn_divisor=10).due
    after = deadline(extended, CHINA, warn_divisor=10).due
    assert before is not None
    assert after is not None
    assert after > before
    assert left(extended, CHINA, before) == days
    assert actual_days(CHINA, before, after, clock.suspensions) == days


@given(CLOSED_CLOCKS, st.integers(1, 10))
def test_an_extension_never_shortens(clock: Clock, more: int) -> None:
    extended = clock.model_copy(update={"extension": clock.extension + more})
    before = deadline(clock, CHINA, warn_divisor=10).due
    after = deadline(extended, CHINA, warn_divisor=10).due
    assert before is not None
    assert after is not None
    assert after >= before


@given(CLOSED_CLOCKS, OFFSETS, st.integers(0, 25))
def test_a_suspension_never_shortens(clock: Clock, offset: int, length: int) -> None:
    span = Suspension(start=clock.start + offset * DAY, end=clock.start + (offset + length) * DAY)
    longer = clock.model_copy(update={"suspensions": (*clock.suspensions, span)})
    before = deadline(clock, CHINA, warn_divisor=10).due
    after = deadline(longer, CHINA, warn_divisor=10).due
    assert before is not None
    assert after is not None
    assert after >= before


@given(clocks(st.sampled_from([Unit.CALENDAR_DAY, Unit.MONTH]), may_stay_open=False))
def test_rolling_moves_off_rest_days_and_no_further(clock: Clock) -> None:
    def due(rolls: bool) -> date:
        limit = clock.limit.model_copy(update={"rolls": rolls})
        found = deadline(clock.model_copy(update={"limit": limit}), CHINA, warn_divisor=10).due
        assert found is not None
        return found

    strict, rolled = due(rolls=False), due(rolls=True)
    if is_workday(CHINA, strict) or strict == clock.start:
        assert rolled == strict
    else:
        assert is_workday(CHINA, rolled)
        naive = Naive(clock)
        between = [strict + k * DAY for k in range(1, (rolled - strict).days)]
        assert all(not is_workday(CHINA, day) or naive.suspended(day) for day in between)


@given(clocks(), st.integers(0, 150))
def test_the_lamp_agrees_with_the_dates(clock: Clock, offset: int) -> None:
    day, dates = clock.start + offset * DAY, deadline(clock, CHINA, warn_divisor=10)
    shown = lamp(clock, day, CHINA, 10)
    if dates.due is None or shown is Lamp.GREY:
        assert shown is not Lamp.RED
        return
    assert dates.yellow_from is not None
    expected = Lamp.RED if day > dates.due else Lamp.YELLOW if day >= dates.yellow_from else Lamp.GREEN
    assert shown is expected


@pytest.mark.parametrize(
    "kind", [kind for kind in ClockKind if kind not in ("statutory", "promise", "stage")]
)
def test_only_three_clocks_can_stand_still(kind: ClockKind) -> None:
    start = date(2026, 6, 15)
    clock = Clock(kind=kind, start=start, limit=Limit(n=5), suspensions=(Suspension(start=start),))
    assert deadline(clock, CHINA, warn_divisor=10).due == date(2026, 6, 23)
