"""The bureau's own story: five matters, told by the people who handle them.

What happens is written here as the bureau would tell it, by working day of the story and local time;
everything else (dates, lamps, cards, duty) is the engine's own doing. What must have come of it
is stated apart, in `starter.story_checks`. All people and applicants are invented.
"""

from __future__ import annotations

from schemas.matters import Channel
from starter.rulebook import item_of
from starter.story_teller import Teller

MORTGAGE, SITE, LAND = "LX-DJ-01", "LX-YS-01", "LX-LS-01"

BELONGS_TO_REGISTRY = "属不动产登记业务"
"""Why the window hands the inquiry over."""

MISSING = {"site": "选址示意图缺少坐标", "farmland": "缺占用耕地说明"}
"""All points of the once-only notice (一次性告知), by material."""

AFTERTHOUGHT = {"planning-check": "用地和规划审查表未盖章"}
"""A point nobody named the first time."""

NO_ENVELOPE = '"同意，请办"'
"""What a hurried supervisor might send: good will, and valid JSON, but no act."""


async def inquiry(t: Teller) -> None:
    """首问负责制: the first officer asked answers until the right section has accepted."""
    await t.is_asked("办理抵押登记要带哪些材料？", "林小满", post="window-clerk")
    await t.at(0, "09:36")
    await t.act("hand_over", "window-clerk", to_post="registry-handler", reason=BELONGS_TO_REGISTRY)
    await t.at(0, "09:50")
    await t.act("take_over", "registry-handler")
    await t.at(0, "10:20")
    await t.act("answer", "registry-handler", opinion="双方共同申请，材料共六项，清单已当面交付")
    await t.act("rate", "window-clerk", score=5)
    await t.act("close", "registry-handler")


async def mortgage(t: Teller) -> None:
    """限时办结制: promised in five working days, done in one."""
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
    await t.act("result_ready", "window-clerk", document="不动产登记证明第 1 号", notified="sms")
    await t.at(1, "15:00")
    await t.act("deliver", "window-clerk")


async def once_only(t: Teller) -> None:
    """一次性告知: all missing points at once, no new ones later; accepted when the last piece is in."""
    required = [material.code for material in item_of(t.setting.profile, SITE).materials]
    brought = [code for code in required if code not in MISSING]
    await t.receives(SITE, "莱兴食品公司", post="window-clerk", channel=Channel.ONLINE, brought=brought)
    await t.at(1, "10:00")
    await t.act("notify_correction", "window-clerk", points=MISSING)
    await t.at(2, "10:00")
    await t.act_refused("notify_correction", "window-clerk", points=AFTERTHOUGHT)
    for day, code in enumerate(MISSING, start=3):
        await t.at(day, "15:00")
        await t.act("resubmit", "window-clerk", materials=[{"code": code}], satisfied=[code])


async def untouched(t: Teller) -> None:
    """问责: accepted, and then nobody touches it until the promise has passed."""
    await t.receives(MORTGAGE, "云帆渔具店", post="window-clerk")
    await t.at(0, "09:40")
    await t.act("accept", "window-clerk", opinion="材料齐全")
    promise = item_of(t.setting.profile, MORTGAGE).promise
    await t.at(promise.n + 1 if promise else 1, "09:00")


async def stock_tools(t: Teller) -> None:
    """通用工具: a chief signs, and a deputy head approves, with nothing but the stock `temporal` command."""
    await t.receives(LAND, "北墅光伏项目部", post="window-clerk")
    await t.at(0, "09:40")
    await t.act("accept", "window-clerk", opinion="材料齐全")
    await t.act("sign_stage", "window-clerk", opinion="材料齐全，移送用地利用科")
    await t.at(0, "11:00")
    await t.act("sign_stage", "land-use-handler", opinion="符合条件，建议批准")
    await t.at(0, "15:00")
    await t.signals("sign_stage", "land-use-chief", opinion="同意")
    await t.at(1, "09:20")
    await t.signals_text(NO_ENVELOPE)
    await t.updates("decide", "deputy-land", opinion="准予临时用地", outcome="granted")
    await t.at(1, "10:00")
    await t.act("result_ready", "window-clerk", document="临时用地批准书第 1 号", notified="phone")
    await t.act("deliver", "window-clerk")
