"""Checks of a profile's joint reviews: a block that names no stage would block nothing, unnoticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from schemas.clocks import Limit
from schemas.profile import Profile

Finding = tuple[str, str]
"""Dotted key and reason."""


def review_findings(profile: Profile) -> Iterator[Finding]:
    """What is wrong with `reviews.yaml`."""
    reviews = profile.reviews
    for key, limit in _limits(profile):
        if limit is not None and not limit.basis.strip():
            yield key, "没有依据 / has no basis"
    for code, times in Counter(each.code for each in reviews.matters).items():
        if times > 1:
            yield f"matters.{code}", "代码重复 / the code is given twice"
    stages = {(item.code, stage.code) for item in profile.items for stage in item.stages}
    for each in reviews.matters:
        for block in each.blocks:
            if (block.item, block.stage) not in stages:
                at = f"{block.item} {block.stage}"
                yield f"matters.{each.code}.blocks", f"没有环节 {at} / there is no stage {at}"


def _limits(profile: Profile) -> Iterator[tuple[str, Limit | None]]:
    reviews = profile.reviews
    yield "session.materials", reviews.session.materials
    yield "session.minutes", reviews.session.minutes
    yield "schedule", reviews.schedule
    yield "execute", reviews.execute
