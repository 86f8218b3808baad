"""Mappings: what the columns and activities of a foreign log mean here, as data anyone can write.

A mapping is checked whole before a log is opened, so that a slip of the pen stops the import with
one sentence and not with a thousand wrong acts.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from rules.facts import digest_of
from schemas.acts import Outcome
from schemas.base import Code, StrictModel
from schemas.errors import UsageError
from schemas.matters import Channel
from schemas.profile import Role
from starter.strict_yaml import parse_mapping

SHIPPED = Path(str(resources.files("rules").joinpath("mappings")))
"""Folder of the mappings that come with the package."""

HOUSE_CALENDAR = "profile"
"""Value of `calendar` that means the calendar of the mapping's profile."""

Country = Annotated[str, StringConstraints(pattern=rf"^(?:[A-Z]{{2}}(?:-[A-Z0-9]+)?|{HOUSE_CALENDAR})$")]


class Columns(StrictModel):
    """Names of the columns (CSV) or keys (XES; those of a trace with the prefix `case:`)."""

    case: Code
    activity: Code
    time: Code
    officer: Code
    post: Code | None = None
    instance: Code | None = None
    """The act's own id; without it a hash of the row and of how often it occurs."""
    received: Code | None = None
    """When the case came in; without it the time of its first act."""
    deadline: Code | None = None
    """The statutory limit as an instant."""
    channel: Code | None = None
    responsible: Code | None = None
    """Who answers for the case; without it whoever did its first act."""
    responsible_post: Code | None = None

    @property
    def required(self) -> frozenset[str]:
        """Columns a log must have."""
        return frozenset(str(name) for name in self.model_dump().values() if name)


class ActOf(StrictModel):
    """What an activity of the log is here."""

    act: Literal["sign_stage", "decide", "result_ready", "note"]
    stage: str = ""
    outcome: Literal[Outcome.GRANTED, Outcome.REFUSED] = Outcome.GRANTED


class LogStage(StrictModel):
    """A stage whose signatures the log holds."""

    code: Code
    name: Code
    name_en: Code
    role: Role


class LogItem(StrictModel):
    """A service item described in the mapping itself."""

    code: Code
    name: Code
    name_en: Code
    basis: tuple[Code, ...] = Field(min_length=1)
    stages: tuple[LogStage, ...] = Field(min_length=1)
    decision_stage: str = ""
    """Code of the stage whose signature is the decision; empty: the last one."""


class Mapping(StrictModel):
    """How one kind of log is read."""

    name: Code
    version: Code
    columns: Columns
    acts: dict[str, ActOf]
    """Activity to act; activities not listed are notes."""
    item: LogItem | Code
    """The item itself, or the code of one of the profile's items."""
    promise: int = Field(ge=0, le=3660)
    """Working days from the received day until the first `result_ready`."""
    timezone: str
    """Of local days, and of times written without an offset."""
    calendar: Country
    """Public holidays of a country or part of it (`NL`, `DE-BY`), or `profile`."""
    profile: Code = "current"
    channels: dict[str, Channel] = Field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """Values that say nothing."""
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column to the values that count, as `lifecycle:transition: [complete]`; other rows are passed over."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    time_format: str = ""
    """As for strptime; empty: ISO 8601."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"没有时区 {name} / there is no time zone {name}") from error
        return name

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        if isinstance(self.item, LogItem):
            check_acts(self.acts, tuple(stage.code for stage in self.item.stages), self.item.decision_stage)
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the mapping's content."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of local days."""
        return ZoneInfo(self.timezone)


def load_mapping(name: str) -> Mapping:
    """The mapping shipped under `name`, or the one in the file `name`.

    Raises UsageError (`unknown_mapping`, `invalid_mapping`) naming file, key and reason.
    """
    path = _find(name)
    try:
        return Mapping.model_validate(parse_mapping(path.read_bytes()))
    except OSError as error:
        raise UsageError(
            f"{path}: 无法读取 / cannot be read: {error.strerror}", code="unknown_mapping"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise UsageError(f"{path}: {where}: {first['msg']}", code="invalid_mapping") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", code="invalid_mapping") from error


def check_acts(acts: dict[str, ActOf], stages: tuple[str, ...], decision_stage: str) -> None:
    """Each stage act names a stage of the item, and only `decide` the one that decides.

    Raises ValueError naming the activity.
    """
    deciding = decision_stage or stages[-1]
    if deciding not in stages:
        raise ValueError(f"decision_stage: 没有环节 {deciding} / there is no stage {deciding}")
    for activity, meant in acts.items():
        if meant.act in ("sign_stage", "decide") and meant.stage not in stages:
            raise ValueError(f"{activity}: 没有环节 {meant.stage} / there is no stage {meant.stage!r}")
        if meant.act in ("sign_stage", "decide") and (meant.act == "decide") != (meant.stage == deciding):
            raise ValueError(f"{activity}: 环节 {deciding} 用 decide / decide is for stage {deciding} alone")


def _find(name: str) -> Path:
    shipped = sorted(file.stem for file in SHIPPED.glob("*.yaml"))
    if name in shipped:
        return SHIPPED / f"{name}.yaml"
    path = Path(name)
    if path.is_file():
        return path
    known = ", ".join(shipped)
    raise UsageError(
        f"没有映射 {name}，现有：{known}，或给出文件路径 / "
        f"there is no mapping {name}; there are: {known}, or name a file",
        code="unknown_mapping",
    )
