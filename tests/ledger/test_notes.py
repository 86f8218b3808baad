"""Notes and checkpoints: the examples of the specifications, whose signatures count, what is refused."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest

from ledger.notes import (
    KeyKind,
    NoteError,
    Signature,
    generate_key,
    parse_checkpoint,
    parse_note,
    parse_signatures,
    parse_vkey,
    verify_note,
)
from tests.ledger.signers import EXAMPLE_VKEY, ORIGIN, checkpoint, key, signed, witness

EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()
"""The example of C2SP signed-note."""

POEM = f"""Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore {
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc="
}
""".encode()
"""The first example of C2SP signed-note: its text has a blank line of its own."""

COSIGNED = f"""example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa {
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
}
— witness.example.com/w1 {
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
}
""".encode()
"""The example of C2SP tlog-cosignature."""


def test_the_example_of_signed_note_verifies() -> None:
    note = parse_note(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert note.encode() == EXAMPLE
    verifier = parse_vkey(EXAMPLE_VKEY)
    assert (verifier.vkey, verifier.kind) == (EXAMPLE_VKEY, KeyKind.ED25519)
    (found,) = verify_note(note, (verifier,))
    assert (found.key, found.at) == (verifier, None)


def test_a_text_may_have_blank_lines() -> None:
    note = parse_note(POEM)
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    assert note.encode() == POEM


def test_the_example_of_tlog_cosignature_reads_as_it_says() -> None:
    note = parse_note(COSIGNED)
    assert note.encode() == COSIGNED
    found = parse_checkpoint(note.text)
    assert (found.origin, found.size, found.text) == ("example.com/behind-the-sofa", 20852163, note.text)
    log, cosignature = note.signatures
    assert (log.name, log.key_id.hex(), len(log.signature)) == (found.origin, "033de0ae", 64)
    assert (cosignature.name, len(cosignature.signature)) == ("witness.example.com/w1", 8 + 64)
    assert int.from_bytes(cosignature.signature[:8], "big") == 1679315147


def test_signatures_of_strangers_are_ignored() -> None:
    note = signed(key(), witness(1), key("stranger.invalid"))
    (found,) = verify_note(note, (key().verifier,))
    assert found.key == key().verifier
    other = generate_key(ORIGIN, KeyKind.ED25519)
    (found,) = verify_note(signed(other, key()), (key().verifier,))
    assert found.signature == signed(key()).signatures[0]


def test_a_stranger_may_have_a_name_we_would_not_give() -> None:
    strange = Signature("\u200b\u202e\x7f", b"1234", b"x")
    note = parse_note(signed(key()).signed_also([strange]).encode())
    assert note.signatures[1] == strange
    assert len(verify_note(note, (key().verifier,))) == 1


def test_a_note_of_strangers_alone_is_refused() -> None:
    with pytest.raises(NoteError, match="no signature of a known key") as caught:
        verify_note(signed(witness(1)), (key().verifier, witness(2).verifier))
    assert (caught.value.code, caught.value.exit_code) == ("bad_note", 3)
    with pytest.raises(NoteError, match="signed by"):
        key().verifier.verify(checkpoint().text, signed(witness(1)).signatures[0])


def test_one_bad_signature_of_a_known_key_refuses_the_note() -> None:
    good = signed(key(), witness(1))
    bad = replace(good.signatures[1], signature=bytes(72))
    with pytest.raises(NoteError, match=r"witness\.invalid/1\+[0-9a-f]{8} does not hold"):
        verify_note(good.signed_also([bad]), (key().verifier, witness(1).verifier))


def test_more_signatures_are_added_once() -> None:
    note = signed(key())
    more = note.signed_also(signed(key(), witness(1), witness(1)).signatures)
    assert more == signed(key(), witness(1))


LINE = EXAMPLE.decode().splitlines(keepends=True)[-1]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "not a signed note"),
        (b"\n", "not a signed note"),
        (b"text\n", "not a signed note"),
        (f"text\n{LINE}", "not a signed note"),
        (f"\n{LINE}", "not a signed note"),
        (b"text\n\n", "ends with a newline is missing"),
        (f"text\n\n{LINE}"[:-1], "ends with a newline is missing"),
        (f"text\n\n{LINE}{LINE}"[:-1], "ends with a newline is missing"),
        (f"text\n\n{LINE}\n", "ends with a newline is missing"),
        (f"text\n\n{LINE}more\n", "not a signature line"),
        (f"text\n\n {LINE}", "not a signature line"),
        (f"text\n\n{LINE[2:]}", "not a signature line"),
        (f"text\n\n-{LINE[1:]}", "not a signature line"),
        (f"text\n\n{LINE[:1]}\N{NO-BREAK SPACE}{LINE[2:]}", "not a signature line"),
        ("text\n\n— name\n", "not a signature line"),
        ("text\n\n— name \n", "not a signature line"),
        ("text\n\n— name AAAA\n", "not a signature line"),
        ("text\n\n— name AAAAAA==\n", "not a signature line"),
        ("text\n\n— name  AAAAAAA=\n", "not base64"),
        ("text\n\n— name AAAAAAA= \n", "not base64"),
        ("text\n\n— name AAAAAAA\n", "not base64"),
        ("text\n\n— name AAAAAAB=\n", "not base64"),
        ("text\n\n— name AAAAAAA=AAAA\n", "not base64"),
        ("text\n\n— name AAAAA-_=\n", "not base64"),
        ("text\n\n— na+me AAAAAAA=\n", "not a signature line"),
        ("text\n\n— na\N{IDEOGRAPHIC SPACE}me AAAAAAA=\n", "not a signature line"),
        ("text\n\n—  AAAAAAA=\n", "not a signature line"),
        (f"te\txt\n\n{LINE}", "control characters"),
        (f"text\r\n\r\n{LINE}", "control characters"),
        (f"te\0xt\n\n{LINE}", "control characters"),
        (f"text\n\n{LINE}".encode().replace(b"te", b"\xff\xfe"), "UTF-8"),
        (f"text\n\n{LINE}".encode("utf-16"), "UTF-8"),
        (f"text\n\n{LINE * 129}", "129 signatures, at most 128"),
        (b"a" * (1 << 20) + b"\n\n", "at most 1048576"),
    ],
)
def test_what_is_no_note_is_refused(raw: bytes | str, told: str) -> None:
    with pytest.raises(NoteError, match=told) as caught:
        parse_note(raw if isinstance(raw, bytes) else raw.encode())
    assert len(caught.value.message) < 250


def test_as_many_signatures_as_are_allowed_are_read() -> None:
    assert len(parse_note(f"text\n\n{LINE * 128}".encode()).signatures) == 128
    assert len(parse_signatures(LINE * 2)) == 2
    with pytest.raises(NoteError):
        parse_signatures("")


ROOT = b64encode(checkpoint().root).decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "three lines"),
        (f"origin\n5\n{ROOT}", "three lines"),
        (f"origin\n5\n{ROOT}\nextension\n", "three lines"),
        (f"origin\n5\n{ROOT}\n\n", "three lines"),
        (f"\n5\n{ROOT}\n", "not the origin"),
        (f"ori\tgin\n5\n{ROOT}\n", "not the origin"),
        (f"ori\udc80gin\n5\n{ROOT}\n", "not the origin"),
        *(
            (f"origin\n{size}\n{ROOT}\n", "not the size")
            for size in ("", "05", "-1", "+5", "5 ", " 5", "5.0", "1e3", "0x5", "５", "٥", "1_0", str(2**63))
        ),
        (f"origin\n{'9' * 5000}\n{ROOT}\n", "not the size"),
        *(
            (f"origin\n5\n{root}\n", "not a root hash")
            for root in ("", ROOT[:-4], f"{ROOT}AAAA", ROOT[:-1], f"{ROOT} ", f"{ROOT[:-1]}é", "A" * 44)
        ),
        (f"origin\n0\n{ROOT}\n", "root of the empty tree"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str, told: str) -> None:
    with pytest.raises(NoteError, match=told) as caught:
        parse_checkpoint(text)
    assert len(caught.value.message) < 250


@pytest.mark.parametrize("size", [0, 1, 5, 2**62])
@pytest.mark.parametrize("origin", ["ledger.invalid/log", "go.sum database tree", "某局总账"])
def test_checkpoints_read_as_they_were_written(origin: str, size: int) -> None:
    made = replace(checkpoint(min(size, 5), origin), size=size)
    assert parse_checkpoint(made.text) == made


def test_a_root_has_one_spelling() -> None:
    """The last character before the padding has two bits that mean nothing."""
    other = ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="
    assert b64decode(other) == b64decode(ROOT)
    with pytest.raises(NoteError, match="not a root hash"):
        parse_checkpoint(f"origin\n5\n{other}\n")
