"""The policy file (C2SP tlog-policy): lines of words, `#` for comments, every name defined before it is used.

Two kinds of lines are ours, and comments to everybody else: the sizes a log's key may sign (keys are
exchanged, and a stolen old one must not sign new trees), and the time-stamp authorities that are trusted.

    #yangguang size <name>+<key id> <first> [<last>]
    #yangguang tsa <SHA-256 of the root certificate> [<url>]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ledger.notes.keys import BadKeyError, parse_vkey
from ledger.notes.note import decode_number
from ledger.notes.parties import Authority, BadPolicyError, Group, LogKey, PolicyWitness
from ledger.notes.trust import Checked, Policy

__all__ = [
    "MAX_POLICY_BYTES",
    "Authority",
    "BadPolicyError",
    "Checked",
    "Group",
    "LogKey",
    "Policy",
    "PolicyWitness",
    "parse_policy",
]

MAX_POLICY_BYTES = 1 << 20
"""Longer files are refused unread; 128 post-quantum keys take a quarter of it."""

_OURS = "#yangguang"
_NOT_ALLOWED = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,2}")


def parse_policy(raw: bytes) -> Policy:
    """Read a policy. Raises BadPolicyError, which names the line, for anything else."""
    _check_octets(raw)
    policy, quorums = Policy(), 0
    for number, (verb, *words) in _words(raw):
        try:
            if verb not in _VERBS:
                raise BadPolicyError(f"不认识的行 / no such kind of line: {verb!r:.80}")
            policy = _VERBS[verb](policy, words)
        except (BadPolicyError, BadKeyError) as error:
            raise BadPolicyError(f"策略第 {number} 行 / policy line {number}: {error.message}") from None
        quorums += verb == "quorum"
    if quorums != 1:
        raise BadPolicyError(f"须有一行 quorum / a policy has one quorum line, this has {quorums}")
    return policy


def _check_octets(raw: bytes) -> None:
    if len(raw) > MAX_POLICY_BYTES:
        raise BadPolicyError(f"策略过大 / a policy of {len(raw)} bytes, at most {MAX_POLICY_BYTES} are read")
    found = _NOT_ALLOWED.search(raw)
    if found:
        line = raw.count(b"\n", 0, found.start()) + 1
        raise BadPolicyError(
            f"策略第 {line} 行 / policy line {line}: 含控制字符 / control character {found[0]!r}"
        )
    if raw and not raw.endswith(b"\n"):
        raise BadPolicyError("策略末行须以换行结束 / the last line of a policy must end with a newline")


def _words(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines that say something, as words. Only space and tab part words."""
    for number, line in enumerate(raw.decode(errors="surrogateescape").split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if words and (words[0] == _OURS or not words[0].startswith("#")):
            yield number, words


def _log(policy: Policy, words: list[str]) -> Policy:
    vkey, url = _optional(words, 2)
    return policy.with_log(LogKey(parse_vkey(vkey), url=url))


def _witness(policy: Policy, words: list[str]) -> Policy:
    name, vkey, url = _optional(words, 3)
    return policy.with_witness(PolicyWitness(name, parse_vkey(vkey), url))


def _group(policy: Policy, words: list[str]) -> Policy:
    if len(words) < 3:
        raise BadPolicyError("分组须有名称、人数和成员 / a group has a name, a number and members")
    name, wanted, *members = words
    return policy.with_group(name, _threshold(wanted, len(members)), members)


def _threshold(wanted: str, members: int) -> int:
    if wanted in ("any", "all"):
        return 1 if wanted == "any" else members
    if not _THRESHOLD.fullmatch(wanted):
        raise BadPolicyError(f"人数须为 any、all 或数字 / neither any nor all nor a number: {wanted!r:.80}")
    return int(wanted)


def _quorum(policy: Policy, words: list[str]) -> Policy:
    if len(words) != 1:
        raise BadPolicyError(f"quorum 只有一个名称 / a quorum has one name, this has {len(words)}")
    return policy.with_quorum(words[0])


def _ours(policy: Policy, words: list[str]) -> Policy:
    """A line that was meant for us and is not understood is no comment: it might restrict a key."""
    what, *rest = words or [""]
    if what == "tsa":
        fingerprint, url = _optional(rest, 2)
        return policy.with_authority(Authority(url, fingerprint))
    if what == "size":
        label, first, last = _optional(rest, 3)
        return _with_sizes(policy, label, first, last)
    raise BadPolicyError(f"不认识的行 / no such kind of line: {_OURS} {what!r:.80}")


def _with_sizes(policy: Policy, label: str, first: str, last: str) -> Policy:
    for log in policy.logs:
        if str(log.key) == label:
            if (log.first, log.last) != (0, None):
                raise BadPolicyError(f"{label:.80}: 范围重复 / has a range of sizes already")
            return policy.with_range(log.key, _size(first), _size(last) if last else None)
    raise BadPolicyError(f"{label!r:.80}: 没有此日志密钥 / no key of a log is defined so before")


def _size(text: str) -> int:
    try:
        return decode_number(text)
    except ValueError:
        raise BadPolicyError(f"大小格式不符 / not the size of a tree: {text!r:.80}") from None


def _optional(words: list[str], count: int) -> list[str]:
    """`count` words, of which the last may be missing."""
    if not count - 1 <= len(words) <= count:
        raise BadPolicyError(f"词数不符 / {count - 1} or {count} words are wanted here, not {len(words)}")
    return [*words, ""][:count]


_VERBS: dict[str, Callable[[Policy, list[str]], Policy]] = {
    "log": _log,
    "witness": _witness,
    "group": _group,
    "quorum": _quorum,
    _OURS: _ours,
}
