"""The catalogue of service items (M21): what the profile says, in the words of people.

The same data that drive the clocks are published, so that the catalogue cannot promise anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.explain import UNITS
from schemas.clocks import Limit
from schemas.errors import NotFoundError
from schemas.profile import Item, ItemType, Post, Profile, Role, Section

Words = tuple[str, str]
"""Chinese, English."""

TYPES: dict[ItemType, Words] = {
    ItemType.INSTANT: ("即办件", "done on the spot"),
    ItemType.PROMISED: ("承诺件", "done within a promised time"),
    ItemType.JOINT: ("联办件", "done jointly with others"),
    ItemType.FORWARDED: ("上报件", "forwarded to the level above"),
    ItemType.INTERNAL: ("依职权事项", "begun by the bureau itself"),
}

FLAGS: dict[str, Words] = {
    "title_dispute": ("权属有争议", "the title is disputed"),
    "open_violation": ("有未结的违法案件", "a violation case is open"),
    "court_seizure": ("被司法查封", "seized by a court"),
    "unpaid_price": ("土地价款未缴清", "the price of the land is not paid"),
    "open_petition": ("有未结的信访事项", "a petition is open"),
}


def published(profile: Profile, text: str = "") -> list[Item]:
    """Items whose code or name holds `text`, in the profile's order."""
    wanted = text.strip().casefold()
    return [item for item in profile.items if wanted in f"{item.code} {item.name} {item.name_en}".casefold()]


def is_open(item: Item) -> bool:
    """Whether somebody can apply for it; the bureau begins the others itself."""
    return item.type is not ItemType.INTERNAL


def item_here(profile: Profile, code: str) -> Item:
    """The item. Raises NotFoundError: on a page a code is an address."""
    for item in profile.items:
        if item.code == code:
            return item
    raise NotFoundError(f"没有办事项 {code:.40} / there is no item {code:.40}", code="unknown_item")


def length(limit: Limit | None) -> Words:
    """A limit in words."""
    if limit is None:
        return "法律未定日数", "no number of days set by law"
    if limit.n == 0:
        return "当场", "on the spot"
    zh, en = UNITS[limit.unit]
    return f"{limit.n} {zh}", f"{limit.n} {en.removesuffix('s') if limit.n == 1 else en}"


def limits(item: Item) -> Iterator[tuple[Words, Words, str]]:
    """(which, how long, on what basis) of the item's limits."""
    named: tuple[tuple[Words, Limit | None], ...] = (
        (("受理（或者一次性告知补正）", "Acceptance, or one notice of everything missing"), item.acceptance),
        (("法定办理", "By law"), item.statutory),
        (("承诺办理", "Promised"), item.promise),
        (("送达", "Delivery"), item.delivery),
    )
    for which, limit in named:
        yield which, length(limit), limit.basis if limit else ""


def fee(item: Item) -> Words:
    """What it costs."""
    fen = item.fee.max_fen
    if fen is None:
        return "不涉及收费", "no fee applies"
    if fen == 0:
        return "不收费", "free of charge"
    return f"不超过 {fen / 100:.2f} 元", f"at most {fen / 100:.2f} yuan"


def conditions(item: Item) -> Iterator[Words]:
    """When it can be accepted."""
    missing = sum(material.may_follow for material in item.materials)
    yield (
        "属于本机关职权，材料齐全、符合法定形式",
        "It is within the bureau's power, the papers are complete and in the form the law asks for",
    )
    if missing:
        yield (
            f"有 {missing} 项材料可以承诺后补（容缺受理）",
            f"{missing} of the papers may follow later, on a pledge",
        )
    if item.renewal:
        yield "原许可证尚未到期", "The permit has not expired yet"
    for flag in item.blocking_flags:
        zh, en = FLAGS.get(flag, (flag, flag))
        yield f"没有下列情形：{zh}", f"None of this holds: {en}"
    if item.notes:
        yield item.notes, item.notes


def post_of(profile: Profile, code: str) -> Post | None:
    """A post by its code."""
    return next((post for post in profile.posts if post.code == code), None)


def window_of(profile: Profile) -> tuple[Post, Section | None]:
    """The post that takes applications in from outside, and where it sits."""
    post = next(post for post in profile.posts if Role.WINDOW in post.roles)
    return post, next((section for section in profile.sections if section.code == post.section), None)
