"""How a home's ledger is kept: where its keys lie, who signs, how often it is time-stamped."""

from __future__ import annotations

from ledger.db import Ledger
from ledger.sealing.duties import Keeping
from starter.home import Home


def keeping_of(home: Home, ledger: Ledger, *, signs: bool = True, makes_keys: bool = True) -> Keeping:
    """What a keeper of this home needs. A home that is not to sign does not, whatever `signs` says.

    `makes_keys` is for processes of which there is one: of two machines on one database, both without keys,
    only the one that serves the home may make the first.
    """
    return Keeping(
        ledger=ledger,
        keys=home.keys,
        signs=signs and home.signs,
        makes_keys=makes_keys,
        stamp_every=home.stamp_every,
    )
