"""The README of a bundle: the very commands that check it, with openssl and C2SP tools."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from ledger.merkle import WIDTH, tile_path
from ledger.notes import KeyKind, Note, Policy, Signature, VerifierKey, parse_checkpoint

_TEMPLATE = Path(__file__).with_name("guide.md")

_RAW_BYTES = {KeyKind.ED25519: 64, KeyKind.COSIGNATURE_ED25519: 64, KeyKind.COSIGNATURE_MLDSA44: 2420}
_BODY_LINES = 4
"""Three lines of the checkpoint and the blank line; signatures follow."""


def guide(folder: Path, note: Note, policy: Policy, case: str | None, *, simulated: bool) -> str:
    """The text of README.md for the bundle in `folder`, of which the other files are there."""
    head = parse_checkpoint(note.text)
    entries = sorted(path.relative_to(folder) for path in folder.glob("entry/*.json"))
    first = tile_path("entries", 0, min(head.size, WIDTH))
    template = Environment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(
        _TEMPLATE.read_text(encoding="utf-8")
    )
    return template.render(
        origin=_quoted(head.origin),
        simulated=simulated,
        size=head.size,
        root=b64encode(head.root).decode(),
        whole=case is None,
        scope="整个日志 / the whole log" if case is None else f"摘录 / extract: {_quoted(case)}",
        log_commands=_log_commands(note, policy),
        witness_commands=_witness_commands(note, policy),
        token_commands=_token_commands(folder),
        an_entry=entries[0] if entries else first,
        first_tile=first.removeprefix("tile/entries/"),
        histories=(folder / "histories").exists(),
    )


def _log_commands(note: Note, policy: Policy) -> str:
    keys = [log.key for log in policy.logs]
    lines = [_verify(note, key, line, "$T/note.body") for key, line in _signed_lines(note, keys)]
    return "\n".join(lines)


def _witness_commands(note: Note, policy: Policy) -> str:
    keys = [witness.key for witness in policy.witnesses]
    blocks = []
    for key, line in _signed_lines(note, keys):
        if key.kind is KeyKind.COSIGNATURE_ED25519:
            seconds = int.from_bytes(_signature(note, line).signature[:8], "big")
            stamp = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
            message = f"{{ printf 'cosignature/v1\\ntime {seconds}\\n'; cat $T/note.body; }} > $T/cosigned"
            verify = _verify(note, key, line, "$T/cosigned")
            blocks.append(f"{_quoted(key.name)}, {stamp}:\n\n```sh\n{message}\n{verify}\n```")
    return "\n\n".join(blocks) or "无 / none: nobody outside vouches for this checkpoint."


def _token_commands(folder: Path) -> str:
    tokens = sorted(path.relative_to(folder) for path in folder.glob("tokens/*.tsr"))
    lines = [
        f"openssl ts -verify -in {token} -data {token.with_suffix('.note')} -CAfile $T/roots.pem\n"
        f"openssl ts -reply -in {token} -text 2>&1 | grep 'Time stamp:'"
        for token in tokens
    ]
    return "\n".join(lines)


def _signed_lines(note: Note, keys: list[VerifierKey]) -> list[tuple[VerifierKey, int]]:
    """(key, line number in the note) of the signatures stock openssl can check: Ed25519."""
    return [
        (key, _BODY_LINES + n)
        for n, signature in enumerate(note.signatures, start=1)
        for key in keys
        if key.made(signature) and key.kind is not KeyKind.COSIGNATURE_MLDSA44
    ]


def _signature(note: Note, line: int) -> Signature:
    return note.signatures[line - _BODY_LINES - 1]


def _verify(note: Note, key: VerifierKey, line: int, message: str) -> str:
    return (
        f"pem {key.key_id.hex()} > $T/key.pem\n"
        f"sed -n {line}p checkpoint | cut -d' ' -f3 | base64 -d | tail -c {_RAW_BYTES[key.kind]} > $T/sig\n"
        f"openssl pkeyutl -verify -pubin -inkey $T/key.pem -rawin -in {message} -sigfile $T/sig"
    )


def _quoted(text: str) -> str:
    """A name as code of Markdown: whatever it holds, it is no heading, link or command of this page."""
    plain = (c if c.isprintable() and c != "`" else f"\\u{ord(c):04x}" for c in text)
    return f"`{''.join(plain)}`"
