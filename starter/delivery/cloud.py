"""An entry as others are told of it: a CloudEvents 1.0 document whose data are masked by default.

What is told is chosen, not what is left out: words, names, staff numbers, digests and sealed values are in no
event, whatever an entry comes to hold. Who needs more asks the API, which asks who he is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from ledger.entry import Entry
from starter.delivery.names import type_of
from starter.delivery.numbers import Numbered

MEDIA_TYPE = "application/cloudevents+json"
SCHEMA = "urn:yangguang:event:1"

_TOLD = ("act", "before", "after", "lamp", "stage", "ref", "clock", "level", "outcome", "post", "section")
_DUTY = ("to", "proposed", "disputed")
"""Of a hand-over these are posts; elsewhere `to` may be a person."""

_VIEW = (
    "kind",
    "item",
    "stage",
    "owner_post",
    "section",
    "promise_due",
    "statutory_due",
    "outcome",
    "closed",
)
_CARD = ("id", "code", "colour", "clock", "ref", "issue_day", "rectify_due", "status")
_CLOCK = ("clock", "ref", "due", "yellow_from", "red_from", "stopped", "breached")

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,79}")
"""Codes, numbers and dates; nothing that could be a sentence or a name."""

_format = JSONFormat()


def event_of(one: Numbered) -> bytes:
    """The document, the same bytes at every attempt."""
    entry = one.entry
    attributes = {
        "specversion": "1.0",
        "id": entry.id,
        "source": str(entry.event["source"]),
        "type": type_of(entry.type),
        "subject": entry.case_id,
        "time": datetime.fromisoformat(entry.event["time"]),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA,
        # The extension wants text that sorts; whoever counts takes it as a number.
        "sequence": f"{one.number:016d}",
        "caseseq": entry.seq,
        "leafhash": entry.leaf_hash,
        "recordedtime": datetime.fromisoformat(entry.recorded),
    }
    return _format.write(CloudEvent(attributes, masked(entry)))


def masked(entry: Entry) -> dict[str, Any]:
    """What of an entry is told to others."""
    data = entry.data
    told = {"entry": entry.type, **_only(data, _TOLD)}
    if entry.type.startswith("duty."):
        told |= _only(data, _DUTY)
    if isinstance(view := data.get("view"), Mapping):
        told["matter"] = _only(view, _VIEW)
    if isinstance(card := data.get("card"), Mapping):
        told["card"] = _only(card, _CARD)
    if isinstance(clocks := data.get("clocks"), list):
        told["clocks"] = [_only(each, _CLOCK) for each in clocks if isinstance(each, Mapping)]
    return told


def _only(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given and _is_plain(given[name])}


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return bool(_PLAIN.fullmatch(value))
    return isinstance(value, bool)
