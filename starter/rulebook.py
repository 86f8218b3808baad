"""The rulebook: checked rule profiles, and the part of one that a single matter needs.

Workflows read no file (design 3.7), so whatever may decide a matter is cut out here, once, and
travels in its input: the item, the thresholds, who can play a part, and the days that differ from
Monday to Friday. How profiles are written is told in `starter.profile_files`.

What was read stays in memory for the life of the process: a matter begun in one process is governed
by one reading of the rules, whose digest it carries.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rules.calendar import build_calendar
from rules.checks import Problem, Skipped, skipped
from rules.course import corresponding_day
from schemas.clocks import Calendar
from schemas.errors import UsageError
from schemas.profile import Item, Post, Profile, Role, Rules
from starter.profile_files import MAIN, Reading, calendar_files, profile_names, read_profile

ALL_POSTS_BYTES = 6_000
"""A matter carries every post of the bureau if their JSON is no larger, so that it may be handed to
any of them; otherwise those of the sections that take part."""

MONTHS_BEFORE, MONTHS_AFTER = 1, 24
"""The calendar a matter carries, around its first day."""

LEADING = frozenset({Role.WINDOW, Role.OFFICE, Role.SUPERVISION, Role.HEAD, Role.DISCIPLINE_SECRETARY})
"""Roles whose posts can play a part in every matter."""

_SHOWN = 20
_POSTS = TypeAdapter(tuple[Post, ...])


def list_profiles(root: Path | None = None) -> list[str]:
    """Names of the profiles shipped and of those in the folder `root`."""
    return profile_names(root)


def examine(name: str, root: Path | None = None) -> tuple[Profile | None, list[Problem]]:
    """The profile if it may govern, else every reason why not.

    Raises UsageError where no profile has that name.
    """
    reading = _read(name, root)
    return reading.profile, list(reading.problems)


def load_profile(name: str, root: Path | None = None) -> Profile:
    """The checked profile `name`: from the folder `root` if it is there, else as shipped.

    Raises UsageError (`unknown_profile`, `invalid_profile`) naming file, key and reason of what is
    wrong, the first twenty problems at once.
    """
    if root is None and name in _in_force:
        return _in_force[name]
    profile, problems = examine(name, root)
    if profile is not None:
        return profile
    more = [f"… {len(problems)}"] if len(problems) > _SHOWN else []
    told = "\n".join([*map(str, problems[:_SHOWN]), *more])
    raise UsageError(
        f"规则版本 {name} 不可用 / profile {name} cannot be used:\n{told}", code="invalid_profile"
    )


_in_force: dict[str, Profile] = {}
"""Profiles that two people of this home released (`starter.releases`), by name."""


def put_in_force(profile: Profile) -> None:
    """From now on matters begun in this process are governed by a released profile; those begun before by
    what they carry."""
    _in_force[profile.id] = profile


def back_to_shipped() -> None:
    """Forget what was released: for a process that opens another home."""
    _in_force.clear()


def profile_in_force(day: date, root: Path | None = None) -> Profile:
    """The profile that governs matters begun on `day`: the latest one effective by then.

    Raises UsageError (`no_profile`) for a day before the first profile.
    """
    known = [load_profile(name, root) for name in list_profiles(root)]
    in_force = [profile for profile in known if profile.effective_from <= day]
    if not in_force:
        raise UsageError(f"{day} 没有施行中的规则版本 / no profile is in force on {day}", code="no_profile")
    return max(in_force, key=lambda profile: profile.effective_from)


def skipped_comparisons(profile: Profile) -> list[Skipped]:
    """Comparisons of limits that checking left out, because their units differ or a number is missing."""
    return skipped(profile)


def item_of(profile: Profile, code: str) -> Item:
    """The service item with this code; raises UsageError (`unknown_item`)."""
    for item in profile.items:
        if item.code == code:
            return item
    known = ", ".join(item.code for item in profile.items)
    raise UsageError(
        f"没有办事项 {code}，现有：{known} / there is no item {code}; there are: {known}", code="unknown_item"
    )


def rules_for(
    profile: Profile,
    item_code: str | None,
    first_day: date,
    root: Path | None = None,
    *,
    sections: Iterable[str] = (),
) -> Rules:
    """What one matter begun on `first_day` (a local day) carries; `item_code` None: an inquiry.

    `root` is the folder with the user's own calendars; `sections` are the parts of the profile (of
    `schemas.profile.SECTIONS`) that its kind of matter needs. Raises UsageError (`unknown_item`).
    """
    item = item_of(profile, item_code) if item_code is not None else None
    posts = _posts(profile, item)
    staff = {officer for post in posts for officer in (post.a, post.b)}
    at = {post.section for post in posts}
    grounds = item.suspension_grounds if item else ()
    return Rules(
        profile=profile.id,
        profile_version=profile.version,
        profile_sha256=profile.sha256,
        item=item,
        thresholds=profile.thresholds,
        grounds=tuple(ground for ground in profile.grounds if ground.code in grounds),
        sections=tuple(section for section in profile.sections if section.code in at),
        posts=posts,
        officers=tuple(officer for officer in profile.officers if officer.staff_no in staff),
        unauthenticated_acts=profile.unauthenticated_acts,
        unauthenticated_for=profile.unauthenticated_for,
        calendar=calendar_for(profile, *_window(first_day), root),
        **{name: _section(profile, name, item) for name in sections},
    )


def _section(profile: Profile, name: str, item: Item | None) -> Any:
    """A part of the profile; of the joint reviews an application carries what concerns its item."""
    part = getattr(profile, name)
    return part.of_item(item.code) if item is not None and name == "reviews" else part


def completed(rules: Rules, profile: Profile, sections: Iterable[str]) -> Rules:
    """The rules for a matter that another one begins: they go on with it, completed by what it needs besides.

    If the profile has changed since, the new matter is governed by the profile as it is now; the
    calendar stays the one that the first matter has adopted.
    """
    wanted = {name: getattr(profile, name) for name in sections}
    if rules.profile_sha256 == profile.sha256:
        return rules.model_copy(update={name: getattr(rules, name) or part for name, part in wanted.items()})
    posts = _posts(profile, None)
    return rules.model_copy(
        update={
            **wanted,
            "profile_version": profile.version,
            "profile_sha256": profile.sha256,
            "thresholds": profile.thresholds,
            "sections": profile.sections,
            "posts": posts,
            "officers": profile.officers,
            "unauthenticated_acts": rules.unauthenticated_acts and profile.unauthenticated_acts,
            "unauthenticated_for": profile.unauthenticated_for,
        }
    )


def calendar_for(profile: Profile, first_day: date, last_day: date, root: Path | None = None) -> Calendar:
    """The profile's calendar for `first_day..last_day`, both included: exceptions only."""
    return _calendar(profile.calendar, first_day, last_day, root)


def _window(first_day: date) -> tuple[date, date]:
    if not 1 < first_day.year < MAXYEAR - 1:
        raise UsageError(f"日期 {first_day} 超出范围 / the day {first_day} is out of range", code="bad_day")
    return corresponding_day(first_day, -MONTHS_BEFORE), corresponding_day(first_day, MONTHS_AFTER)


def _posts(profile: Profile, item: Item | None) -> tuple[Post, ...]:
    """Posts that can play a part, in the profile's order.

    Posts outside the bureau only where a stage names them; an inquiry may go anywhere.
    """
    if item is None:
        return profile.posts
    outside = {section.code for section in profile.sections if section.outside}
    on_stages = {stage.post for stage in item.stages}
    own = tuple(post for post in profile.posts if post.section not in outside or post.code in on_stages)
    return own if len(_POSTS.dump_json(own)) <= ALL_POSTS_BYTES else _needed(own, profile, on_stages)


def _needed(own: Iterable[Post], profile: Profile, on_stages: set[str]) -> tuple[Post, ...]:
    """Posts of the sections that handle the item, their superiors, and the leading ones."""
    own = tuple(own)
    handling = {post.section for post in own if post.code in on_stages}
    leading = {post.section for post in own if LEADING.intersection(post.roles)}
    superiors = {
        code
        for section in profile.sections
        if section.code in handling | leading
        for code in (section.chief_post, section.deputy_post)
    }
    return tuple(
        post
        for post in own
        if post.section in handling or post.code in superiors or LEADING.intersection(post.roles)
    )


@lru_cache(maxsize=32)
def _read(name: str, root: Path | None) -> Reading:
    reading = read_profile(name, root)
    if reading.profile is not None:
        _check_calendar(reading.profile, root, reading)
    return reading


def _check_calendar(profile: Profile, root: Path | None, reading: Reading) -> None:
    """A profile that cannot count its days governs nothing."""
    try:
        calendar = calendar_for(profile, profile.effective_from, profile.effective_from, root)
    except UsageError as error:
        reading.add(MAIN, "calendar", error.message)
    else:
        if calendar.timezone != profile.timezone:
            zone = calendar.timezone
            reading.add(MAIN, "timezone", f"与日历的时区 {zone} 不同 / the calendar is in {zone}")
    if reading.problems:
        reading.profile = None


@lru_cache(maxsize=512)
def _calendar(name: str, first_day: date, last_day: date, root: Path | None) -> Calendar:
    return build_calendar(calendar_files(name, root), first_day, last_day)
