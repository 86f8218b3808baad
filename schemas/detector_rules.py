"""Detectors (异常行为筛查): patterns that are worth a look, as data of the profile.

Known from electronic monitoring: pausing a clock at the last moment, signing around a limit, closing and
reopening, signing unread or with the same words, keying in afterwards. All thresholds are the profile's.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .base import Code, StrictModel, Text


class Pattern(StrEnum):
    """What a detector looks for; in brackets the unit of its `within`."""

    PAUSE_BEFORE_EXPIRY = "pause_before_expiry"  # 临期停表 (working days left)
    SIGN_LATE = "sign_late"  # 压线签批 (minutes before or after the limit)
    CLOSE_AND_REOPEN = "close_and_reopen"  # 办结又重开 (calendar days between)
    IDENTICAL_OPINIONS = "identical_opinions"  # 雷同意见 (minutes in which they fall)
    SEEN_TO_SIGNED = "seen_to_signed"  # 秒批 (seconds from seeing to signing)
    KEYED_IN_LATER = "keyed_in_later"  # 事后补录 (working days that may pass)


class Detector(StrictModel):
    """One detector: what it looks for, from when on it is worth a lead, and the words of the lead."""

    code: Pattern
    name: Code
    name_en: Code
    within: int = Field(ge=0)
    times: int = Field(default=1, ge=1)
    """So often within one ISO week, by one person."""
    faults: tuple[Code, ...] = ()
    """Faults that people should think of; no finding."""
    says: Text
    """The lead in Chinese; `{times}`, `{within}`, `{week}` are filled in."""
    says_en: Text


class DetectorRules(StrictModel):
    """Which entries mean what, and the detectors themselves."""

    signing: tuple[Code, ...] = ()
    """Entries by which somebody signs."""
    pausing: tuple[Code, ...] = ()
    """Entries by which somebody has the clocks stopped."""
    closing: tuple[Code, ...] = ()
    reopening: tuple[Code, ...] = ()
    detectors: tuple[Detector, ...] = ()
