"""Rule versions released by two people: one proposes a draft with its dry-run, another one releases it.

Both are entries of the ledger, in a stream of its own; the document lies in the home under its digest, which
the entries name. Matters that run keep the rules they carry; new ones are governed by what was released.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from ledger.append import append
from ledger.db import Ledger
from ledger.entry import Entry
from ledger.read import entries
from rules.checks import check
from schemas.entries import EntryDraft, Receipt, RecordRequest
from schemas.errors import ConflictError, NotFoundError, NotPermittedError, UsageError, VerificationError
from schemas.profile import Profile
from starter.dryrun import DryRun
from starter.home import Home, write_private
from starter.profile_files import digest
from starter.rulebook import put_in_force

STREAM = "profiles"
PROPOSED, RELEASED = "profile.proposed", "profile.released"
TOLD = 50
"""Changes named in an entry."""


@dataclass(frozen=True)
class Proposal:
    """A draft that somebody proposed."""

    number: int
    """Place of its entry in the stream."""
    version: str
    sha256: str
    base: str
    """Digest of the profile it was held against."""
    by: str
    at: str
    reason: str
    data: dict[str, Any]
    released_by: str = ""
    released_at: str = ""


def propose(
    home: Home,
    ledger: Ledger,
    now_in_force: Profile,
    draft: Profile,
    found: DryRun,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> Receipt:
    """Propose a draft with what its dry-run gave.

    Raises UsageError: `same_version`, `reason`, `other_profile`.
    """
    _check_draft(now_in_force, draft, reason)
    folder = home.path / "profiles"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / f"{draft.sha256}.json", draft.model_dump_json(exclude={"sha256"}))
    total = {name: getattr(found.total, name).model_dump() for name in ("recorded", "now", "draft")}
    data: dict[str, Any] = {
        "profile": draft.id,
        "version": draft.version,
        "sha256": draft.sha256,
        "base": now_in_force.sha256,
        "changes": [[each.key, each.now, each.draft] for each in found.changes[:TOLD]],
        "dryrun": {"since": str(found.since), "until": str(found.until), "cases": found.total.cases, **total},
        "reason": reason,
    }
    return _record(ledger, PROPOSED, by, f"{draft.sha256}/{token_hex(8)}", data, now)


def _check_draft(now_in_force: Profile, draft: Profile, reason: str) -> None:
    if draft.id != now_in_force.id:
        raise UsageError("草案是另一套规则 / the draft is another profile", code="other_profile")
    if draft.version == now_in_force.version:
        raise UsageError("version: 请写新的版本号 / version: give it a new version", code="same_version")
    if not reason.strip():
        raise UsageError("reason: 请写明理由 / reason: say why", code="reason")


def proposals(connection: Connection) -> list[Proposal]:
    """All proposals, the latest first, each with who released it."""
    chain = entries(connection, STREAM)
    released = {int(each.data["proposal"]): each for each in chain if each.type == RELEASED}
    found = (_proposal(each, released.get(each.seq)) for each in chain if each.type == PROPOSED)
    return list(found)[::-1]


def _proposal(entry: Entry, release: Entry | None) -> Proposal:
    data = entry.data
    return Proposal(
        number=entry.seq,
        version=str(data["version"]),
        sha256=str(data["sha256"]),
        base=str(data["base"]),
        by=str(entry.event["actor"]),
        at=str(entry.event["time"]),
        reason=str(data.get("reason", "")),
        data=data,
        released_by=str(release.event["actor"]) if release else "",
        released_at=str(release.event["time"]) if release else "",
    )


def release(
    home: Home, ledger: Ledger, now_in_force: Profile, number: int, *, by: str, now: datetime
) -> Profile:
    """Release a proposal, which holds for new matters from now on.

    Raises NotFoundError, NotPermittedError (`four_eyes`) for who proposed it himself, ConflictError
    (`released`, `stale`) where it is released already or other rules have come into force since.
    """
    with ledger.engine.connect() as connection:
        found = next((each for each in proposals(connection) if each.number == number), None)
    if found is None:
        raise NotFoundError(f"没有提议 {number} / there is no proposal {number}")
    if found.by == by:
        raise NotPermittedError(
            "提议人不能自己放行 / whoever proposed it cannot release it", code="four_eyes"
        )
    if found.released_by:
        raise ConflictError(
            f"已由 {found.released_by} 放行 / released already by {found.released_by}", code="released"
        )
    if found.base != now_in_force.sha256:
        raise ConflictError(
            "现行规则已变，请重新试算 / other rules are in force since: run it dry again", code="stale"
        )
    profile = _document(home, found.sha256)
    data: dict[str, Any] = {"profile": profile.id, "version": profile.version, "sha256": profile.sha256}
    data |= {"proposal": number, "proposed_by": found.by}
    _record(ledger, RELEASED, by, f"released/{number}", data, now)
    put_in_force(profile)
    return profile


def adopt_released(home: Home, ledger: Ledger) -> Profile | None:
    """Put in force what was released last; None where nothing was.

    Raises VerificationError (`profile_differs`) where its document is missing or another one.
    """
    with ledger.engine.connect() as connection:
        latest = [each for each in entries(connection, STREAM) if each.type == RELEASED][-1:]
    if not latest:
        return None
    profile = _document(home, str(latest[0].data["sha256"]))
    put_in_force(profile)
    return profile


def _document(home: Home, sha256: str) -> Profile:
    """The document of a digest that the ledger names, and no other."""
    try:
        content = (home.path / "profiles" / f"{sha256}.json").read_text(encoding="utf-8")
        profile = Profile.model_validate_json(content, strict=True)
    except (OSError, ValidationError, json.JSONDecodeError):
        profile = None
    if profile is None or digest(profile) != sha256 or check(profile):
        raise VerificationError(
            f"规则文件 {sha256[:12]} 缺失或被改动 / the rules {sha256[:12]} are missing or changed",
            code="profile_differs",
        )
    return profile.model_copy(update={"sha256": sha256})


def _record(ledger: Ledger, kind: str, by: str, key: str, data: dict[str, Any], now: datetime) -> Receipt:
    draft = EntryDraft(type=kind, time=now, actor=by, role="admin", business_key=key, data=data)
    request = RecordRequest(matter=STREAM, now=now, entries=(draft,))
    with ledger.engine.begin() as connection:
        return append(ledger, connection, request)[0]
