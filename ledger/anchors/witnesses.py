"""Publishing: every witness of the policy is shown the newest checkpoint, and its cosignature is kept.

C2SP tlog-witness from the log's side. Witnesses are asked side by side. One that is away, slow or talks
nonsense is told of and costs nothing else; what it owes is asked for again the next time.
One that has seen *more* of the log than there is, or another history of it, is the loudest alarm there is:
somebody restored an older database, or forked the log (`witness_ahead`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import Connection, func, select

from ledger.anchors.exchange import Answer, address, post
from ledger.anchors.request import AddCheckpoint
from ledger.db import Ledger, snapshot
from ledger.dialect import is_postgresql, upsert
from ledger.entry import instant
from ledger.errors import SealRefusedError
from ledger.merkle import consistency_proof
from ledger.notes import Note, Signature, Verified, parse_checkpoint, parse_note, parse_signatures
from ledger.notes.policy import Policy, PolicyWitness
from ledger.sealing.stored import tree_of
from ledger.tables import ledger_checkpoint, ledger_cosignature
from schemas.errors import VerificationError, YangguangError

AHEAD = timedelta(minutes=5)
"""A cosignature from further in the future is not taken: honest entries would look backdated beside it."""

_MOST_BYTES = 1 << 16
_AT_ONCE = 8
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True, slots=True)
class Published:
    """How it went with one witness: when it cosigned which size, or what the problem is (code, sentence)."""

    witness: str
    size: int
    at: datetime | None
    problem: str = ""
    told: str = ""


class WitnessError(VerificationError):
    """A witness's answer is no cosignature."""

    default_code = "witness_refused"


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest checkpoint as the log signed it."""

    size: int
    root: bytes
    note: Note


def publish(
    ledger: Ledger, policy: Policy, *, http: httpx.Client, now: Callable[[], datetime]
) -> tuple[Published, ...]:
    """Ask each witness with a URL that has not cosigned the newest checkpoint; one answer for each of them.

    Raises nothing for what a witness does; NoteError where the log's own checkpoint cannot be read, and what
    its database raises.
    """
    with snapshot(ledger.engine) as connection:
        newest = _newest(connection)
        owing = _owing(connection, policy, newest.size) if newest else []
    if newest is None or not owing:
        return ()
    with ThreadPoolExecutor(min(len(owing), _AT_ONCE), "witness") as pool:
        asked = pool.map(lambda group: _ask(ledger, newest, group, http, now), owing)
        return tuple(each for answers in asked for each in answers)


def _newest(connection: Connection) -> _Newest | None:
    columns = ledger_checkpoint.c
    stored = connection.scalar(select(columns.note).order_by(columns.size.desc()).limit(1))
    if stored is None:
        return None
    note = parse_note(stored.encode())
    checkpoint = parse_checkpoint(note.text)
    return _Newest(checkpoint.size, checkpoint.root, note)


def _owing(connection: Connection, policy: Policy, size: int) -> list[list[PolicyWitness]]:
    """Witnesses that have not cosigned; those behind one URL are asked once (a witness may have two keys)."""
    columns = ledger_cosignature.c
    cosigned = set(connection.scalars(select(columns.key).where(columns.size == size)))
    groups: dict[str, list[PolicyWitness]] = {}
    for witness in policy.witnesses:
        if witness.url and str(witness.key) not in cosigned:
            groups.setdefault(witness.url, []).append(witness)
    return list(groups.values())


def _ask(
    ledger: Ledger,
    newest: _Newest,
    group: Sequence[PolicyWitness],
    http: httpx.Client,
    now: Callable[[], datetime],
) -> list[Published]:
    try:
        shown, answer = _show(ledger, newest, group, http)
        lines = _lines(answer)
    except YangguangError as error:
        return [Published(each.name, newest.size, None, error.code, error.message) for each in group]
    return [_take(ledger, shown, witness, lines, now()) for witness in group]


def _show(
    ledger: Ledger, newest: _Newest, group: Sequence[PolicyWitness], http: httpx.Client
) -> tuple[_Newest, Answer]:
    """What was shown and what the witness said, asked again where it names another size it has seen."""
    url = address(group[0].url, "/add-checkpoint")
    with snapshot(ledger.engine) as connection:
        body = _body(connection, newest, _known(connection, group, newest.size))
    answer = _post(http, url, body)
    if answer.status == 409:
        newest, body = _from(ledger, newest, _named(answer), url)
        answer = _post(http, url, body)
    if answer.status == 422:
        told = f"见证所见与总账不一致 / what {url} has seen of the log contradicts it: {answer.text!r}"
        raise WitnessError(told, code="witness_ahead")
    if answer.status != 200:
        raise WitnessError(f"见证未签 / {url} does not cosign: {answer.status} {answer.text!r}")
    return newest, answer


def _from(ledger: Ledger, newest: _Newest, named: int, url: str) -> tuple[_Newest, bytes]:
    """What to show to a witness that has seen the size it named."""
    with snapshot(ledger.engine) as connection:
        if named > newest.size:
            # Somebody else may have signed and published in between: then his checkpoint is shown.
            newest = _newest(connection) or newest
        if named > newest.size:
            told = f"见证所见多于总账 / {url} has seen {named} entries, the log has signed {newest.size}"
            raise WitnessError(f"{told}: restored or forked", code="witness_ahead")
        return newest, _body(connection, newest, named)


def _known(connection: Connection, group: Iterable[PolicyWitness], most: int) -> int:
    """The size these witnesses have seen last as far as is known here, 0 where nothing is."""
    columns = ledger_cosignature.c
    keys = [str(each.key) for each in group]
    query = select(func.max(columns.size)).where(columns.key.in_(keys), columns.size <= most)
    return connection.scalar(query) or 0


def _body(connection: Connection, newest: _Newest, old: int) -> bytes:
    tree = tree_of(connection, newest.size)
    try:
        proof = consistency_proof(old, newest.size, tree.subtree)
        sound = tree.root() == newest.root
    except ValueError:  # a tile that is shorter than its place asks for
        sound = False
    if not sound:
        told = f"树块与检查点不符 / the tiles are not those of the checkpoint of {newest.size} entries"
        raise SealRefusedError(told)
    return AddCheckpoint(old, tuple(proof), newest.note).encode()


def _post(http: httpx.Client, url: str, body: bytes) -> Answer:
    return post(http, url, body, "text/plain; charset=utf-8", most=_MOST_BYTES)


def _named(answer: Answer) -> int:
    matched = _SIZE.fullmatch(answer.body)
    if not matched or answer.content_type.partition(";")[0].strip() != "text/x.tlog.size":
        raise WitnessError(f"见证答复无法识别 / 409 without a size: {answer.text!r}", code="garbled")
    return int(matched[1])


def _lines(answer: Answer) -> tuple[Signature, ...]:
    try:
        return parse_signatures(answer.body.decode())
    except (VerificationError, UnicodeDecodeError) as error:
        told = f"见证答复无法识别 / no signature lines in the answer: {error}"
        raise WitnessError(told, code="garbled") from None


def _take(
    ledger: Ledger, shown: _Newest, witness: PolicyWitness, lines: Iterable[Signature], now: datetime
) -> Published:
    """Keep the cosignature of this witness if there is one and it holds; other keys are ignored."""
    try:
        verified = cosignature(shown.note.text, witness, lines, now)
    except VerificationError as error:
        return Published(witness.name, shown.size, None, error.code, error.message)
    with ledger.engine.begin() as connection:
        _keep(connection, shown.size, verified, now)
    return Published(witness.name, shown.size, verified.at)


def cosignature(text: str, witness: PolicyWitness, lines: Iterable[Signature], now: datetime) -> Verified:
    """The witness's cosignature of a checkpoint among signature lines. Raises NoteError, WitnessError."""
    signature = next((each for each in lines if witness.key.made(each)), None)
    if signature is None:
        told = f"没有此见证的签名 / the answer holds no signature of {witness.key}"
        raise WitnessError(told, code="witness_silent")
    at = witness.key.verify(text, signature)
    if at is None or at > now + AHEAD:
        told = f"见证的时钟超前 / {witness.name} claims {at}, now is {now.astimezone(UTC)}"
        raise WitnessError(told, code="witness_clock")
    return Verified(witness.key, signature, at)


def _keep(connection: Connection, size: int, verified: Verified, now: datetime) -> None:
    row = {
        "size": size,
        "key": str(verified.key),
        "line": verified.signature.line,
        "received": instant(now.astimezone(UTC)),
    }
    statement = upsert(ledger_cosignature, postgresql=is_postgresql(connection))
    connection.execute(statement.on_conflict_do_nothing(), row)
