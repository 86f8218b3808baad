"""What lies beside the entries of a bundle and must answer to them: openings and histories."""

from __future__ import annotations

import json
from hashlib import sha256

from ledger.bundle.entries import Content
from ledger.bundle.opened import Bundle
from ledger.openings import BadOpeningError, parse_opening


def opened_entries(bundle: Bundle) -> dict[str, str]:
    """Ids of the entries whose openings are there, and the files."""
    return {name[len("openings/") : -len(".json")]: name for name in bundle.names("openings/")}


def check_openings(bundle: Bundle, content: Content) -> None:
    """Every opening is of a digest in its entry, and of none that was destroyed on record."""
    for entry_id, name in opened_entries(bundle).items():
        promised = content.digests.get(entry_id)
        if promised is None:
            bundle.fail("opening", name, "包内没有此记录 / of an entry that is not in the bundle")
        try:
            opened = _digests(bundle.read(name))
        except (BadOpeningError, ValueError, RecursionError) as problem:
            bundle.fail("opening", name, f"无法读取 / cannot be read: {problem}")
            continue
        for digest in sorted(opened - (promised or frozenset())):
            bundle.fail("opening", name, f"记录中没有此摘要 / no such digest in the entry: {digest}")
        for digest in sorted(opened & content.redacted):
            bundle.fail(
                "redaction", name, f"已依法遮蔽 / redacted on record, but its opening is there: {digest}"
            )


def _digests(raw: bytes) -> set[str]:
    """Digests of the openings in a file: a list of texts, at least one, each once. Raises ValueError."""
    texts = json.loads(raw)
    if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
        raise ValueError("not a list of openings")
    digests = {parse_opening(each).digest for each in texts}
    if len(digests) != len(texts):
        raise ValueError("an opening stands twice")
    return digests


def check_histories(bundle: Bundle, content: Content) -> None:
    """Every history is one that an entry tells of, and every one that is told of is there."""
    for name in bundle.names("histories/"):
        digest = name[len("histories/") :].partition(".")[0]
        if sha256(bundle.read(name)).hexdigest() != digest:
            bundle.fail("history", name, "名称与内容不符 / the name is not the SHA-256 of the file")
        if name not in content.exports:
            bundle.fail("history", name, "总账未提及 / no entry of the log tells of this history")
    for name, run in content.exports.items():
        if name not in bundle.manifest.files:
            bundle.fail("history", f"run {run}", f"缺历史 / {name} is not in the bundle")
