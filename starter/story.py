"""The bureau's own story: five matters, told by the people who handle them.

What happens is written here as the bureau would tell it, by working day of the story and local time;
everything else (dates, lamps, cards, duty) is the engine's own doing. What must have come of it
is stated apart, in `starter.story_checks`, so that the story cannot bend its own expectations.
All people and applicants are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rules.calendar import at_local, local_day, next_workday, workday_on_or_after
from schemas.clocks import Calendar
from schemas.errors import UsageError
from schemas.profile import Profile
from starter.rulebook import calendar_for, item_of, load_profile
from starter.story_teller import Teller

PROFILE = "current"
OPENING = time(9, 30)
"""When the first applicant is served, local time."""

_MARGIN = timedelta(minutes=1)
"""A story cannot begin in the past, and setting up takes a moment."""

_LOOK_AHEAD = timedelta(days=400)

MORTGAGE, SITE, LAND = "LX-DJ-01", "LX-YS-01", "LX-LS-01"

HANDED_OVER_BECAUSE = "属不动产登记业务"
ONCE_ONLY = {"site": "选址示意图缺少坐标", "farmland": "缺占用耕地说明"}
"""All points of the once-only notice (一次性告知)."""
TOO_LATE_POINT = {"planning-check": "用地和规划审查表未盖章"}
BAD_ENVELOPE = '"同意，请办"'
"""What a hurried supervisor might send: JSON, but no act."""


@dataclass(frozen=True)
class Setting:
    """Where and when the story plays: day 0 is its first working day."""

    profile: Profile
    calendar: Calendar
    start: datetime
    """Day 0 at opening time, with UTC offset."""

    def day(self, n: int) -> date:
        """The n-th working day of the story."""
        day = local_day(self.calendar, self.start)
        for _ in range(n):
            day = next_workday(self.calendar, day)
        return day

    def at(self, n: int, clock: str) -> datetime:
        """Local time `clock` (`HH:MM`) on the n-th working day."""
        return at_local(self.calendar, self.day(n), time.fromisoformat(clock))


def setting_from(wanted: date | None, now: datetime) -> Setting:
    """The story's setting: the first working day on or after `wanted`, else today, at opening time.

    If that is over already (or less than a minute away) it is the next working day. `now` is aware.
    Raises UsageError (`past_day`) for a day before today.
    """
    profile = load_profile(PROFILE)
    today = local_day(calendar_for(profile, now.date(), now.date()), now)
    wanted = wanted or today
    if wanted < today:
        raise UsageError(
            f"起始日不得早于今天 / the story cannot start before today, {today}: {wanted}", code="past_day"
        )
    calendar = calendar_for(profile, wanted, wanted + _LOOK_AHEAD)
    day = workday_on_or_after(calendar, wanted)
    if at_local(calendar, day, OPENING) < now + _MARGIN:
        day = next_workday(calendar, day)
    return Setting(profile, calendar, at_local(calendar, day, OPENING))


async def inquiry(t: Teller) -> None:
    """首问负责: the first officer asked answers until the right section has accepted."""
    await t.is_asked("办理抵押登记要带哪些材料？", "林小满", post="window-clerk")
    await t.at(0, "09:36")
    await t.act("hand_over", "window-clerk", to_post="registry-handler", reason=HANDED_OVER_BECAUSE)
    await t.at(0, "09:50")
    await t.act("take_over", "registry-handler")
    await t.at(0, "10:20")
    await t.act("answer", "registry-handler", opinion="抵押双方共同申请；材料清单六项，已当面交付")
    await t.act("rate", "registry-handler", score=5)
    await t.act("close", "registry-handler")


async def mortgage(t: Teller) -> None:
    """限时办结: promised in five working days, done in one."""
    await t.receives(MORTGAGE, "海川机械厂", post="window-clerk")
    await t.at(0, "09:40")
    await t.act("accept", "window-clerk", opinion="材料齐全")
    await t.act("sign_stage", "window-clerk", opinion="材料齐全，移送登记科")
    await t.at(0, "10:30")
    await t.act("take_over", "registry-handler")
    await t.at(0, "11:20")
    await t.act("sign_stage", "registry-handler", opinion="权属清楚，拟准予登记")
    await t.at(0, "14:10")
    await t.act("sign_stage", "registry-chief", opinion="同意")
    await t.at(0, "15:40")
    await t.act("decide", "registry-clerk", opinion="准予登记，已登簿", outcome="granted")
    await t.at(1, "09:10")
    await t.act("result_ready", "window-clerk", document="抵押登记证明第 1 号", notified="sms")
    await t.at(1, "15:00")
    await t.act("deliver", "window-clerk")


async def once_only(t: Teller) -> None:
    """一次性告知: all missing points at once; no new ones later; accepted when the last piece is in."""
    required = [m.code for m in item_of(t.setting.profile, SITE).materials]
    brought = [code for code in required if code not in ONCE_ONLY]
    await t.receives(SITE, "莱兴食品公司", post="window-clerk", channel="online", brought=brought)
    await t.at(1, "10:00")
    await t.act("notify_correction", "window-clerk", points=ONCE_ONLY)
    await t.at(2, "10:00")
    await t.act_refused("notify_correction", "window-clerk", points=TOO_LATE_POINT)
    await t.at(3, "11:00")
    await t.act("resubmit", "window-clerk", **t.piece("site"))
    await t.at(4, "15:00")
    await t.act("resubmit", "window-clerk", **t.piece("farmland"))


async def untouched(t: Teller) -> None:
    """问责: accepted, and then nobody touches it."""
    await t.receives(MORTGAGE, "云帆渔具店", post="window-clerk")
    await t.at(0, "09:40")
    await t.act("accept", "window-clerk", opinion="材料齐全")
    promise = item_of(t.setting.profile, MORTGAGE).promise
    await t.at(promise.n + 1 if promise else 1, "09:00")


async def stock_tools(t: Teller) -> None:
    """通用工具: a chief signs and a deputy head approves with nothing but the stock `temporal` command."""
    await t.receives(LAND, "北墅光伏项目部", post="window-clerk")
    await t.at(0, "09:40")
    await t.act("accept", "window-clerk", opinion="材料齐全")
    await t.act("sign_stage", "window-clerk", opinion="材料齐全")
    await t.at(0, "11:00")
    await t.act("sign_stage", "land-use-handler", opinion="符合条件，建议批准")
    await t.at(0, "15:00")
    await t.signals("sign_stage", "land-use-chief", opinion="同意")
    await t.at(1, "09:20")
    await t.signals_text(BAD_ENVELOPE)
    await t.updates("decide", "deputy-land", opinion="同意，准予临时用地", outcome="granted")
    await t.at(1, "10:00")
    await t.act("result_ready", "window-clerk", document="临时用地批准书第 1 号", notified="phone")
    await t.act("deliver", "window-clerk")
