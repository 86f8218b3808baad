"""`add-checkpoint` word for word (C2SP tlog-witness), over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from ledger.anchors.request import MAX_BYTES, AddCheckpoint
from ledger.anchors.witness_folder import Witness, distrust, logs, open_witness, trust
from ledger.merkle import EMPTY_ROOT
from ledger.notes import KeyKind, Note, generate_key, parse_note, parse_signatures, verify_note
from tests.anchors.logs import MONDAY, ORIGIN, Log
from tests.anchors.serving import WITNESS, served


class Clock:
    """A clock a test can set."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A witness that serves, the log it trusts, and a client between them."""

    def __init__(self, witness: Witness, log: Log, clock: Clock, url: str, http: httpx.Client) -> None:
        self.witness, self.log, self.clock, self.url, self.http = witness, log, clock, url, http

    def post(self, body: bytes | AddCheckpoint) -> httpx.Response:
        raw = body if isinstance(body, bytes) else body.encode()
        return self.http.post(f"{self.url}/add-checkpoint", content=raw)

    def seen(self, origin: str = ORIGIN) -> tuple[int, bytes] | None:
        (log,) = (each for each in logs(self.witness) if each.origin == origin)
        return (log.seen.size, log.seen.root) if log.seen else None

    def refused(self, body: bytes | AddCheckpoint, status: int, word: str = "") -> None:
        """The answer has this status and says why, and the witness keeps what it had."""
        before = logs(self.witness)
        told = self.post(body)
        assert (told.status_code, word in told.text) == (status, True), told.text
        assert logs(self.witness) == before

    def cosigned(self, request: AddCheckpoint) -> datetime:
        """The answer is a cosignature of every key, and the witness has kept the checkpoint."""
        told = self.post(request)
        assert told.status_code == 200, told.text
        signed = Note(request.note.text, parse_signatures(told.text))
        verified = verify_note(signed, tuple(key.verifier for key in self.witness.keys))
        assert len(verified) == len(signed.signatures) == len(self.witness.keys)
        assert self.seen() == (request.checkpoint.size, request.checkpoint.root)
        (at,) = {each.at for each in verified}
        assert at is not None
        return at


@pytest.fixture
def desk(witness: Witness, http: httpx.Client) -> Iterator[Desk]:
    log, clock = Log().grow(20), Clock()
    trust(witness, log.vkey)
    with served(witness, clock) as url:
        yield Desk(witness, log, clock, url, http)


def test_first_checkpoint_then_growth_then_the_same_again(desk: Desk) -> None:
    assert desk.cosigned(desk.log.request(0, 5)) == MONDAY
    desk.clock.now += timedelta(minutes=3)
    assert desk.cosigned(desk.log.request(5, 13)) == MONDAY + timedelta(minutes=3)
    desk.clock.now += timedelta(minutes=3)
    assert desk.cosigned(desk.log.request(13, 13)) == MONDAY + timedelta(minutes=6)


def test_witness_signs_with_both_kinds(desk: Desk) -> None:
    lines = parse_signatures(desk.post(desk.log.request(0)).text)
    assert {each.name for each in lines} == {WITNESS}
    kinds = [key.kind for key in desk.witness.keys]
    assert kinds == [KeyKind.COSIGNATURE_ED25519, KeyKind.COSIGNATURE_MLDSA44]


def test_empty_tree_is_cosigned_and_continued(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 0))
    assert desk.seen() == (0, EMPTY_ROOT)
    desk.cosigned(desk.log.request(0, 4))


def test_unknown_origin_is_404(desk: Desk) -> None:
    desk.refused(Log("river.example/ledger").grow(3).request(0), 404, "river.example/ledger")


def test_stranger_under_the_logs_name_is_403(desk: Desk) -> None:
    desk.refused(Log().grow(20).request(0), 403, "no signature of a known key")


def test_bad_signature_of_the_trusted_key_is_403(desk: Desk) -> None:
    request = desk.log.request(0)
    (good,) = request.note.signatures
    forged = replace(good, signature=good.signature[:-1] + bytes([good.signature[-1] ^ 1]))
    desk.refused(replace(request, note=Note(request.note.text, (forged,))), 403, "does not hold")
    # One that does not hold spoils the note, even beside one that does.
    desk.refused(replace(request, note=Note(request.note.text, (good, forged))), 403, "does not hold")


def test_unknown_signatures_beside_the_trusted_one_are_ignored(desk: Desk) -> None:
    request, stranger = desk.log.request(0), Log().grow(20)
    desk.cosigned(replace(request, note=request.note.signed_also(stranger.note().signatures)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 00\n\n{note}",
        b"old -1\n\n{note}",
        b"old 0 \n\n{note}",
        b"OLD 0\n\n{note}",
        b"old 0\r\n\r\n{note}",
        b"old 9223372036854775808\n\n{note}",
        b"old 0\nnot base64\n\n{note}",
        b"old 0\nAAAA\n\n{note}",
        b"old 0\n\n\n{note}",
        b"old 0\n" + b"A" * 43 + b"=\n" + b"\n",
        b"old 21\n\n{note}",
        b"\xff\xfe\n\n{note}",
        b"old 0\n\n\xff",
    ],
)
def test_malformed_is_400(desk: Desk, body: bytes) -> None:
    desk.refused(body.replace(b"{note}", desk.log.note().encode()), 400, " / ")


def test_checkpoint_with_extension_lines_is_400(desk: Desk) -> None:
    text = desk.log.note().text + "extension\n"
    note = Note(text, (desk.log.keys[0].sign(text, MONDAY),))
    desk.refused(AddCheckpoint(0, (), note), 400, "three lines")


def test_64_proof_lines_are_400(desk: Desk) -> None:
    desk.refused(replace(desk.log.request(0), proof=(bytes(32),) * 64), 400, "at most 63")


def test_old_above_new_is_400(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    desk.refused(AddCheckpoint(9, (), desk.log.note(8)), 400, "old 9 is more than 8")


@pytest.mark.parametrize("old", [0, 4, 7])
def test_other_old_size_is_409_with_the_size(desk: Desk, old: int) -> None:
    desk.cosigned(desk.log.request(0, 6))
    told = desk.post(desk.log.request(old, 9))
    assert (told.status_code, told.content) == (409, b"6\n")
    assert told.headers["content-type"] == "text/x.tlog.size"
    assert desk.seen() == (6, desk.log.subtree(0, 6))


def test_never_seen_log_is_409_with_zero(desk: Desk) -> None:
    told = desk.post(desk.log.request(4, 9))
    assert (told.status_code, told.content) == (409, b"0\n")


def test_rollback_is_refused(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    told = desk.post(desk.log.request(4, 6))
    assert (told.status_code, told.content) == (409, b"9\n")
    assert desk.seen() == (9, desk.log.subtree(0, 9))


def test_fork_is_422(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    forked = desk.log.fork(7).grow(8, "forged")
    desk.refused(forked.request(9, 12), 422, "does not continue")


def test_other_root_at_the_same_size_is_422(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    desk.refused(desk.log.fork(7).grow(2, "forged").request(9, 9), 422, "two roots")


def test_altered_proof_is_422(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    honest = desk.log.request(9, 12)
    for proof in (honest.proof[:-1], honest.proof[::-1], (*honest.proof, bytes(32)), ()):
        desk.refused(replace(honest, proof=proof), 422)


def test_proof_from_nothing_is_422(desk: Desk) -> None:
    desk.refused(replace(desk.log.request(0), proof=(bytes(32),)), 422, "should be empty")


def test_wrong_root_of_the_empty_tree_is_422(desk: Desk) -> None:
    note = desk.log.note(0, bytes(range(32)))
    desk.refused(AddCheckpoint(0, (), note), 422, "empty tree")


def test_body_of_more_than_the_limit_is_413(desk: Desk) -> None:
    desk.refused(b"old 0\n" + b"x" * MAX_BYTES, 413, str(MAX_BYTES))


def test_body_without_a_length_has_the_same_limit(desk: Desk) -> None:
    told = desk.http.post(f"{desk.url}/add-checkpoint", content=(b"x" * 65536 for _ in range(3)))
    assert told.status_code == 413


def test_other_methods_and_paths(desk: Desk) -> None:
    assert desk.http.get(f"{desk.url}/add-checkpoint").status_code == 405
    assert desk.http.put(f"{desk.url}/add-checkpoint").status_code == 405
    assert desk.http.post(f"{desk.url}/sign-subtree").status_code == 404
    assert WITNESS in desk.http.get(desk.url).text


def test_connection_is_kept_for_more_requests(desk: Desk) -> None:
    body = desk.log.request(0, 5).encode()
    with closing(HTTPConnection(urlsplit(desk.url).netloc)) as connection:
        connection.connect()
        first = connection.sock
        for status in (200, 409):
            connection.request("POST", "/add-checkpoint", body)
            told = connection.getresponse()
            assert (told.status, bool(told.read())) == (status, True)
            assert connection.sock is first


def test_newest_note_is_there_for_monitors(desk: Desk) -> None:
    where = f"{desk.url}/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert desk.http.get(where).status_code == 404
    request, stranger = desk.log.request(0, 9), Log().grow(9)
    desk.cosigned(replace(request, note=request.note.signed_also(stranger.note().signatures)))
    told = desk.http.get(where)
    note = parse_note(told.content)
    keys = (desk.log.vkey, *(key.verifier for key in desk.witness.keys))
    assert note.text == request.note.text
    assert len(verify_note(note, keys)) == len(note.signatures) == 3


def test_keys_overlap_in_a_rotation(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 5))
    fresh = generate_key(ORIGIN, KeyKind.ED25519)
    old = desk.log.vkey
    both = Log(ORIGIN, [desk.log.keys[0], fresh], desk.log.leaves)
    after = Log(ORIGIN, [fresh], desk.log.leaves)
    desk.cosigned(both.request(5, 7))  # the new key is not known yet, and so ignored
    desk.refused(after.request(7, 9), 403)
    trust(desk.witness, fresh.verifier)
    desk.cosigned(both.request(7, 9))
    desk.cosigned(after.request(9, 11))
    distrust(desk.witness, old)
    desk.refused(desk.log.request(11, 13), 403)
    desk.cosigned(after.request(11, 13))


def test_log_that_signs_with_mldsa_alone(desk: Desk) -> None:
    key = generate_key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44)
    trust(desk.witness, key.verifier)
    desk.cosigned(Log(ORIGIN, [key], desk.log.leaves).request(0, 5))


def test_distrusted_log_is_unknown_and_remembered(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    distrust(desk.witness, desk.log.vkey)
    desk.refused(desk.log.request(9, 12), 404)
    trust(desk.witness, desk.log.vkey)
    desk.refused(desk.log.fork(3).grow(9, "forged").request(9, 12), 422)
    desk.cosigned(desk.log.request(9, 12))


def test_logs_are_apart(desk: Desk) -> None:
    other = Log("river.example/ledger").grow(4, "river")
    trust(desk.witness, other.vkey)
    desk.cosigned(desk.log.request(0, 9))
    assert desk.post(other.request(0)).status_code == 200
    assert desk.seen(other.origin) == (4, other.subtree(0, 4))
    desk.cosigned(desk.log.request(9, 12))


def test_time_does_not_go_back(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 5))
    desk.clock.now -= timedelta(seconds=50)
    assert desk.cosigned(desk.log.request(5, 6)) == MONDAY
    desk.clock.now -= timedelta(seconds=20)
    desk.refused(desk.log.request(6, 7), 503, "70 s behind")
    desk.clock.now += timedelta(seconds=90)
    assert desk.cosigned(desk.log.request(6, 7)) == MONDAY + timedelta(seconds=20)


def test_state_outlives_the_server(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    again = open_witness(desk.witness.folder)
    assert again.name == WITNESS
    assert [key.verifier for key in again.keys] == [key.verifier for key in desk.witness.keys]
    assert logs(again) == logs(desk.witness)


def test_lost_state_is_not_made_anew(desk: Desk) -> None:
    desk.cosigned(desk.log.request(0, 9))
    for file in desk.witness.folder.glob("witness.db*"):
        file.unlink()
    told = desk.post(desk.log.request(0, 12))
    assert told.status_code == 503
    assert not (desk.witness.folder / "witness.db").exists()
