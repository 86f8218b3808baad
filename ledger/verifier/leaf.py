"""Reading a leaf: an entry's event, if the bytes are exactly what this house writes."""

from __future__ import annotations

from operator import itemgetter

from ledger.canonical import parse_canonical
from ledger.entry import Event
from ledger.errors import NotCanonicalError

_TEXTS = itemgetter(
    "id", "source", "type", "subject", "time", "recordedtime", "prevhash", "actor", "actorrole"
)
_ONLY_TEXT = {str}


def read_leaf(leaf: bytes) -> Event | None:
    """The event in a leaf; None where the bytes are no canonical entry."""
    try:
        event: Event = parse_canonical(leaf)
        if type(event["caseseq"]) is not int or type(event["data"]) is not dict:
            return None
        return event if {*map(type, _TEXTS(event))} == _ONLY_TEXT else None
    except (NotCanonicalError, TypeError, KeyError):
        return None
