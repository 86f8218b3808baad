"""What a window and its colleagues send for one case, known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rules.procedures import CASE
from schemas.acts import Act
from schemas.profile import Item
from tests.workflows.house import POSTS


def course(item: Item) -> Iterator[tuple[str, Act]]:
    """All acts of an item from acceptance to delivery, with ids fixed beforehand."""
    first, *others, last = item.stages

    def message(name: str, post: str, **said: Any) -> tuple[str, Act]:
        about = {"id": f"{name}/{post}", "officer": POSTS[post].a, "post": post}
        return name, CASE.table[name].payload.model_validate({**about, **said})

    yield message("accept", first.post)
    yield message("sign_stage", first.post, opinion="齐全")
    for stage in others:
        yield message("take_over", stage.post)
        yield message("sign_stage", stage.post, opinion="同意")
    yield message("take_over", last.post)
    yield message("decide", last.post, opinion="同意", outcome="granted")
    yield message("result_ready", first.post, document="莱国土资〔2026〕1号", notified="sms")
    yield message("deliver", first.post)
