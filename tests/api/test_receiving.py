"""Who receives what comes in: never whom a complaint is about."""

from __future__ import annotations

import pytest

from schemas.errors import UsageError
from starter.api.receiving import COMPLAINTS, WINDOW, receiver
from starter.rulebook import load_profile

PROFILE = load_profile("current")


def test_the_window_receives_and_the_b_officer_where_the_a_officer_is_barred() -> None:
    """In the order of the profile's posts."""
    assert receiver(PROFILE, WINDOW) == ("1101", "window-clerk")
    assert receiver(PROFILE, WINDOW, ["1101"]) == ("1102", "window-clerk")
    assert receiver(PROFILE, WINDOW, ["1101", "1102"]) == ("1103", "window-lead")


def test_a_complaint_about_the_supervision_office_goes_to_the_discipline_secretary() -> None:
    """And from there on to the general office."""
    office = {who for post in PROFILE.posts if COMPLAINTS[0] in post.roles for who in (post.a, post.b) if who}
    officer, post = receiver(PROFILE, COMPLAINTS, office)
    assert officer not in office
    assert post == "discipline"


def test_where_everybody_is_barred_nobody_receives() -> None:
    """It is then brought to the authority above, by another way."""
    everybody = [officer.staff_no for officer in PROFILE.officers]
    with pytest.raises(UsageError) as refused:
        receiver(PROFILE, COMPLAINTS, everybody)
    assert refused.value.code == "no_receiver"
