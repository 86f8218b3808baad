"""Who looks, at what, and whether he may see it.

Sight is decided by the kind of a matter, its state, and how somebody stands to it; never by what is written
in its entries, so that a list is answered from its rows alone.
"""

from __future__ import annotations

from enum import StrEnum

from .base import Model
from .profile import Role


class Tie(StrEnum):
    """How somebody stands to a matter. What it names him as (`addressee`, `investigator`) is a tie too."""

    HOUSE = "house"  # whoever has the home itself: nobody in particular
    AUDITOR = "auditor"  # reads everything by grant
    SUPERVISION = "supervision"
    DISCIPLINE = "discipline"
    HEAD = "head"
    OFFICE = "office"
    DUTY = "duty"  # answers for it now, or is the other officer of that post
    SECTION = "section"  # of the section of somebody who answers or answered for it
    SUPERIOR = (
        "superior"  # chief, deputy head in charge or head, of that section or of somebody it is served on
    )
    CONCERNED = "concerned"  # of the decision chain of the matter that this one is about
    ACCUSED_SECTION = "accused_section"  # of the section of somebody accused
    OWN_OFFICE = "own_office"  # of the supervision office, which is itself accused


class Viewer(Model):
    """Somebody who looks, with the organisation around him."""

    officer: str = ""
    """Staff number; empty for the house."""
    posts: tuple[str, ...] = ()
    """Posts he holds as A or B officer."""
    roles: tuple[Role, ...] = ()
    sections: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    """Sections whose chief he is, or deputy head in charge, or head."""
    auditor: bool = False


HOUSE = Viewer()
"""The house itself: whoever can read the home could as well read the files in it."""


class Shown(Model):
    """What of a matter decides who may see it."""

    kind: str
    state: str
    owner: str = ""
    owner_post: str = ""
    section: str = ""
    people: tuple[tuple[str, str], ...] = ()
    """(capacity, staff number) of everybody the matter names."""
    chain: tuple[str, ...] = ()
    """Staff numbers of the decision chain of the matter that this one is about."""


class Sight(Model):
    """Whether somebody may see a matter, and by which tie, or what hides it."""

    allowed: bool
    by: str = ""
    """The tie that decides; empty where there is none at all."""
