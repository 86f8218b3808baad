"""If-Match on decisions: the digest of the facts that the signer saw (`ETag` of `GET …/facts`).

That it is there and can be read is asked here, before anything is sent; whether these are still the facts is
the matter's to say, and its refusal (`stale`, `already_decided`) is on record.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from schemas.errors import UsageError

_TAG = re.compile(r'"([0-9a-f]{64})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="所见事实的摘要 / digest of the facts that were seen: the ETag of `GET …/facts`",
        examples=['"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"'],
    ),
]


def etag(digest: str) -> str:
    """The facts as an entity tag."""
    return f'"{digest}"'


async def seen(if_match: IfMatch = None) -> str:
    """The digest a decision rests on.

    Raises UsageError: `precondition_required` (428) where it is missing, `bad_if_match` (400) for any that is
    no single strong tag of facts.
    """
    if if_match is None:
        raise UsageError(
            "决定须附 If-Match：所见事实的摘要 / a decision needs If-Match, the digest of the facts seen",
            code="precondition_required",
        )
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise UsageError(
            'If-Match 须为 "<64 位十六进制摘要>" / If-Match must be one digest of 64 hex digits in quotes',
            code="bad_if_match",
        )
    return found[1]


async def seen_if_told(if_match: IfMatch = None) -> str:
    """The same for an act that is no decision, where it may be left out."""
    return await seen(if_match) if if_match is not None else ""
