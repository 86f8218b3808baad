"""Keys come and go in the open: each is on record in the ledger, and in the policy by which notes are judged.

First keys are made by whoever signs first. A rotation makes new ones beside the old; in the overlap both
sign every checkpoint, so that a reader who knows either goes on reading. Retiring the old ones ends it. What
happened is written in the keyring first, then in the ledger (stream `ledger.key`), then in the policy file;
whoever comes after a killed process finishes what it began (`settle`), and nothing is said twice.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, exists, select

from ledger.append import append
from ledger.db import Ledger, snapshot
from ledger.notes import KeyKind
from ledger.notes.policy import parse_policy
from ledger.sealing.durable import write_durably
from ledger.sealing.keyring import Keyring
from ledger.sealing.keyring_index import Action, KeptKey, KeyChange, KeyringError
from ledger.sealing.signer import Signer
from ledger.tables import ledger_checkpoint, ledger_entry
from schemas.entries import EntryDraft, RecordRequest

KEYS = "ledger.key"
"""Stream (and type) of the entries that tell of keys."""

_FIRST_POLICY = b"quorum none\n"
_SIZES = "#yangguang size "


def first_keys(ledger: Ledger, signer: Signer, policy: Path, now: datetime, actor: str = "system") -> None:
    """Make the log's keys where it never had any, and finish what an earlier process began.

    Raises KeyringError (code `keys_lost`) where the database knows of keys that are not here.
    """
    keyring = signer.keyring
    if keyring.empty:
        with snapshot(ledger.engine) as connection:
            known = _knows_of_keys(connection)
        if known and keyring.empty:  # another process may have made them meanwhile
            raise KeyringError(
                f"{keyring.folder}: 签名密钥丢失 / the keys are lost that this log was signed with: bring the"
                " folder back from your backup; where there is none, see `Keys` in docs/operations.md",
                code="keys_lost",
            )
        keyring.generate(actor, now)
    settle(ledger, signer, policy)


def rotate(ledger: Ledger, signer: Signer, policy: Path, actor: str, now: datetime) -> tuple[KeptKey, ...]:
    """Make new keys; gives them. Finishes a rotation that was killed, rather than begin another.

    Raises KeyringError (code `overlap`) while the keys of an earlier one still sign beside their successors.
    """
    signer.keyring.require()
    with signer.state.alone():
        keyring = signer.keyring.check()
        if not any(each.action is Action.ROTATE for each in keyring.index().untold):
            _refuse_overlap(keyring)
            keyring.rotate(_signed_size(signer), actor, now)
        made = [each.kept for each in keyring.index().untold if each.action is Action.ROTATE]
        _settle(ledger, keyring, policy)
    return tuple(made)


def retire(ledger: Ledger, signer: Signer, policy: Path, key_id: str, actor: str, now: datetime) -> KeptKey:
    """End the use of a key and destroy its private half. Finishes a retirement that was killed."""
    signer.keyring.require()
    with signer.state.alone():
        keyring = signer.keyring.check()
        if not any(
            each.action is Action.RETIRE and _id(each.kept) == key_id for each in keyring.index().untold
        ):
            keyring.retire(key_id, _signed_size(signer), actor, now)
        _settle(ledger, keyring, policy)
    return next(each for each in keyring.keys if _id(each) == key_id)


def settle(ledger: Ledger, signer: Signer, policy: Path) -> None:
    """Tell the ledger and the policy file what happened to the keys, where that is still owed."""
    if signer.keyring.index().untold or not policy.exists():
        with signer.state.alone():
            _settle(ledger, signer.keyring, policy)


def policy_with(raw: bytes, keys: tuple[KeptKey, ...]) -> bytes:
    """A policy file in which these keys may sign what they may; all else that stands there is kept.

    Raises BadPolicyError where the file is none.
    """
    lines = [
        each
        for each in raw.decode(errors="surrogateescape").split("\n")
        if each and not _is_size_of(each, keys)
    ]
    there = {part for line in lines if line.split()[:1] == ["log"] for part in line.split()[1:2]}
    logs = [f"log {each.key.vkey}" for each in keys if each.key.vkey not in there]
    sizes = [_size_line(each) for each in keys]
    changed = "\n".join([*logs, *lines, *sizes, ""]).encode(errors="surrogateescape")
    parse_policy(changed)
    return changed


def _settle(ledger: Ledger, keyring: Keyring, policy: Path) -> None:
    keyring.destroy_retired()
    index = keyring.index()
    for change in index.untold:
        _record(ledger, change)
    raw = policy.read_bytes() if policy.exists() else _FIRST_POLICY
    if (changed := policy_with(raw, index.keys)) != raw:
        write_durably(policy, changed)
    keyring.told()


def _record(ledger: Ledger, change: KeyChange) -> None:
    kept = change.kept
    data: dict[str, str | int] = {
        "action": change.action.value,
        "vkey": kept.key.vkey,
        "kind": kept.key.kind.name.lower(),
        "first": kept.first,
    }
    if kept.last is not None:
        data["last"] = kept.last
    draft = EntryDraft(
        type=KEYS,
        time=change.at,
        actor=change.actor,
        role="system" if change.actor == "system" else "unverified",
        business_key=f"{change.action}/{kept.key}",
        data={**data},
    )
    with ledger.engine.begin() as connection:
        append(ledger, connection, RecordRequest(matter=KEYS, now=change.at, entries=(draft,)))


def _knows_of_keys(connection: Connection) -> bool:
    told = select(exists().where(ledger_entry.c.case_id == KEYS))
    return bool(
        connection.scalar(told) or connection.scalar(select(exists(select(ledger_checkpoint.c.size))))
    )


def _refuse_overlap(keyring: Keyring) -> None:
    signing = [each for each in keyring.keys if each.active and each.key.kind is KeyKind.ED25519]
    if len(signing) > 1:
        old = ", ".join(_id(each) for each in signing[:-1])
        said = f"新旧密钥并用中，请先停用旧钥 / old keys still sign beside the new: retire {old} first"
        raise KeyringError(said, code="overlap")


def _signed_size(signer: Signer) -> int:
    last = signer.state.read()
    return 0 if last is None else last.checkpoint.size


def _id(kept: KeptKey) -> str:
    return kept.key.key_id.hex()


def _size_line(kept: KeptKey) -> str:
    return f"{_SIZES}{kept.key} {kept.first}" + ("" if kept.last is None else f" {kept.last}")


def _is_size_of(line: str, keys: tuple[KeptKey, ...]) -> bool:
    """Whether the line tells what one of these keys may sign."""
    return line.startswith(_SIZES) and line.removeprefix(_SIZES).split()[:1] in [
        [str(each.key)] for each in keys
    ]
