"""The ground every message stands on: frozen models, aware instants, bounded texts.

Messages are read by old and new code alike, so unknown fields are ignored and new fields
are optional. Nothing here reads a clock, draws a random number or touches a file: a model
that did so would smuggle wall-clock time into a replayed workflow.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Instant = AwareDatetime
"""A point in time with its UTC offset; naive datetimes are refused."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
"""Free text an officer writes. The bound keeps every entry far below the 65,535-byte leaf."""

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""A short identifier: staff number, post, item, act id, article."""


class Model(BaseModel):
    """Base of all messages and rules: immutable, tolerant of fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class StrictModel(BaseModel):
    """Base of what people type (rules, mappings, intake forms): an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def build_models() -> None:
    """Build every model that waits for its first use: in a procedure that would count as a deadlock."""
    waiting: list[type[BaseModel]] = [Model]
    while waiting:
        model = waiting.pop()
        model.model_rebuild()
        waiting += model.__subclasses__()
