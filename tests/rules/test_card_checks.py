"""The profile's cards are refused where they rest on nothing, or name what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from rules.checks import check
from schemas.clocks import Limit
from tests.workflows.house import PROFILE

CARDS = PROFILE.cards
STAGE = next(row for row in CARDS.clocks if row.code == "stage")


def found(**changes: Any) -> list[tuple[str, str]]:
    """(file, key) of what is wrong with the shipped profile once its cards are changed."""
    cards = CARDS.model_copy(update=changes)
    return [(each.file, each.key) for each in check(PROFILE.model_copy(update={"cards": cards}))]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"objection": Limit(n=3)}, "objection"),
        ({"judges": ("nobody",)}, "judges.nobody"),
        ({"red_notice": ("nobody",)}, "red_notice.nobody"),
        ({"clocks": (STAGE.model_copy(update={"card": "Y9"}),)}, "clocks.stage.card"),
        ({"clocks": (STAGE.model_copy(update={"fault": "F99"}),)}, "clocks.stage.fault"),
        ({"clocks": (STAGE, STAGE)}, "clocks.stage"),
        ({"triggers": (CARDS.triggers[0].model_copy(update={"fault": "F99"}),)}, "triggers.zero-fee.fault"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(changes: dict[str, Any], key: str) -> None:
    """One problem each, where it stands."""
    assert found(**changes) == [("cards.yaml", key)]


def test_the_shipped_cards_are_fit_to_govern() -> None:
    """Nothing to find."""
    assert found() == []
