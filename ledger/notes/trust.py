"""Whom to believe (C2SP tlog-policy): the keys of logs and witnesses, and how many witnesses are enough.

An auditor gets a policy on paper, or by another way than the evidence. How the file is read:
`ledger.notes.policy`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ledger.notes.checkpoint import Checkpoint, parse_checkpoint
from ledger.notes.keys import Verified, VerifierKey, verify_note
from ledger.notes.note import Note, NoteError, parse_note
from ledger.notes.parties import NONE, Authority, BadPolicyError, Group, LogKey, PolicyWitness

MAX_LOGS = MAX_WITNESSES = MAX_GROUPS = MAX_AUTHORITIES = 64
"""Twice what the specification asks for; a note with all their signatures can be read."""

ALL_WITNESSES = "witnesses"
"""Name of the group that `with_quorum(k)` makes."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A checkpoint that a log of the policy signed."""

    note: Note
    checkpoint: Checkpoint
    log: tuple[Verified, ...]
    """The log's signatures, at least one."""
    cosignatures: tuple[Verified, ...]
    """Those of the policy's witnesses that say when they were made."""
    quorum: bool
    """Whether they are as many as the policy asks for; always so where it asks for none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, complete and consistent: raises BadPolicyError for anything else.

    Build one step by step: `Policy().with_log(LogKey(key)).with_witness(...).with_quorum(1)`.
    """

    logs: tuple[LogKey, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[Group, ...] = ()
    """Each after those that are its members."""
    quorum: str = NONE
    """Name of a witness or a group, or "none"."""
    authorities: tuple[Authority, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the specification does."""
        _check_limits(self)
        _check_keys(self)
        _check_names(self)

    @property
    def asks_witnesses(self) -> bool:
        """Whether the quorum demands any cosignature at all."""
        return self.quorum != NONE

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """All keys, those of the logs first."""
        return (*(each.key for each in self.logs), *(each.key for each in self.witnesses))

    def with_log(self, log: LogKey) -> Policy:
        """One key of a log more."""
        return replace(self, logs=(*self.logs, log))

    def with_range(self, key: VerifierKey, first: int, last: int | None = None) -> Policy:
        """The same with the sizes a log's key may sign, both ends included."""
        if key not in (each.key for each in self.logs):
            raise BadPolicyError(f"{key}: 不是日志的密钥 / not the key of a log of this policy")
        logs = (replace(each, first=first, last=last) if each.key == key else each for each in self.logs)
        return replace(self, logs=tuple(logs))

    def with_witness(self, witness: PolicyWitness) -> Policy:
        """One witness more; the quorum stays as it is."""
        return replace(self, witnesses=(*self.witnesses, witness))

    def with_group(self, name: str, k: int, members: Iterable[str]) -> Policy:
        """One group more: `k` of these are enough."""
        return replace(self, groups=(*self.groups, Group(name, k, tuple(members))))

    def with_quorum(self, wanted: int | str) -> Policy:
        """A witness or group by its name, "none", or `k` of all witnesses, in place of all groups."""
        if isinstance(wanted, str):
            return replace(self, quorum=wanted)
        everybody = Group(ALL_WITNESSES, wanted, tuple(each.name for each in self.witnesses))
        return replace(self, groups=(everybody,), quorum=ALL_WITNESSES)

    def with_authority(self, authority: Authority) -> Policy:
        """One time-stamp authority more."""
        return replace(self, authorities=(*self.authorities, authority))

    def encode(self) -> bytes:
        """The file, which reads back as this policy."""
        return "".join(f"{line}\n" for line in _lines(self)).encode(errors="surrogateescape")

    def check(self, raw: bytes | Note) -> Checked:
        """What the note proves. Raises NoteError unless a log of this policy signed it, as it may.

        One signature of a known key that does not hold, or that was not for this key to make, refuses
        the whole note; signatures of strangers are ignored.
        """
        note = raw if isinstance(raw, Note) else parse_note(raw)
        checkpoint = parse_checkpoint(note.text)
        found = verify_note(note, self.keys)
        logs = {each.key: each for each in self.logs}
        signed = tuple(each for each in found if each.key in logs)
        if not signed:
            raise NoteError(f"{checkpoint.origin!r:.80}: 没有日志签名 / no log of the policy signed this")
        for each in signed:
            _check_allowed(logs[each.key], checkpoint)
        cosignatures = tuple(each for each in found if each.key not in logs and each.at is not None)
        return Checked(note, checkpoint, signed, cosignatures, self._met({each.key for each in cosignatures}))

    def _met(self, keys: set[VerifierKey]) -> bool:
        seen = {NONE} | {each.name for each in self.witnesses if each.key in keys}
        for group in self.groups:
            if len(seen.intersection(group.members)) >= group.k:
                seen.add(group.name)
        return self.quorum in seen


def _check_allowed(log: LogKey, checkpoint: Checkpoint) -> None:
    if log.key.name != checkpoint.origin:
        raise NoteError(f"{log.key}: 来源不符 / signed a checkpoint of {checkpoint.origin!r:.80}")
    if not log.may_sign(checkpoint.size):
        sizes = f"{log.first} - {'' if log.last is None else log.last}"
        raise NoteError(f"{log.key}: 超出可签范围 / signed size {checkpoint.size}, may sign {sizes}")


def _check_limits(policy: Policy) -> None:
    for found, limit, what in (
        (policy.logs, MAX_LOGS, "日志 / logs"),
        (policy.witnesses, MAX_WITNESSES, "见证 / witnesses"),
        (policy.groups, MAX_GROUPS, "分组 / groups"),
        (policy.authorities, MAX_AUTHORITIES, "时间戳机构 / time-stamp authorities"),
    ):
        if len(found) > limit:
            raise BadPolicyError(f"过多的{what}: {len(found)}, at most {limit}")


def _check_keys(policy: Policy) -> None:
    """A key stands once, whatever its name: a witness counts once, and no log is its own witness."""
    seen: dict[bytes, VerifierKey] = {}
    for key in policy.keys:
        if key.public in seen:
            raise BadPolicyError(f"密钥重复 / {seen[key.public]} and {key} are the same public key")
        seen[key.public] = key
    if len({str(key) for key in policy.keys}) < len(policy.keys):
        raise BadPolicyError("密钥无法区分 / two keys have the same name and id")
    if len({each.fingerprint for each in policy.authorities}) < len(policy.authorities):
        raise BadPolicyError("时间戳机构重复 / a time-stamp authority stands twice")


def _check_names(policy: Policy) -> None:
    """Each name is given once, before it is used, and is a member of one group at most."""
    free: set[str] = set()
    known: set[str] = set()
    named: tuple[PolicyWitness | Group, ...] = (*policy.witnesses, *policy.groups)
    for each in named:
        for member in each.members if isinstance(each, Group) else ():
            _take(member, free, known)
        if each.name in known:
            raise BadPolicyError(f"名称重复 / two witnesses or groups are named {each.name!r:.80}")
        known.add(each.name)
        free.add(each.name)
    if policy.quorum not in known | {NONE}:
        raise BadPolicyError(f"法定见证未定义 / no quorum {policy.quorum!r:.80} is defined before")


def _take(member: str, free: set[str], known: set[str]) -> None:
    if member not in known:
        raise BadPolicyError(f"成员未定义 / no member {member!r:.80} is defined before")
    if member not in free:
        raise BadPolicyError(f"重复入组 / {member!r:.80} is a member of a group already")
    free.remove(member)


def _lines(policy: Policy) -> Iterable[str]:
    for log in policy.logs:
        yield f"log {log.key.vkey} {log.url}".rstrip(" ")
        if (log.first, log.last) != (0, None):
            yield f"#yangguang size {log.key} {log.first} {'' if log.last is None else log.last}".rstrip(" ")
    for witness in policy.witnesses:
        yield f"witness {witness.name} {witness.key.vkey} {witness.url}".rstrip(" ")
    for group in policy.groups:
        yield f"group {group.name} {group.threshold} {' '.join(group.members)}"
    yield f"quorum {policy.quorum}"
    for authority in policy.authorities:
        yield f"#yangguang tsa {authority.fingerprint} {authority.url}".rstrip(" ")
