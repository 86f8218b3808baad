"""Strangers' servers: whatever they do to the connection, the exchange ends with an answer or a problem."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.anchors.exchange import Answer, AwayError, address, post
from ledger.notes import NoteError, Signature, parse_signatures
from schemas.errors import YangguangError
from tests.anchors.serving import Said, answer, saying


def ask(http: httpx.Client, url: str, seconds: float = 5.0) -> Answer:
    return post(http, url, b"question", "text/plain", most=1000, seconds=seconds)


def problem(http: httpx.Client, said: Said, seconds: float = 5.0) -> str:
    with saying(said) as url, pytest.raises(AwayError, match=" / ") as refused:
        ask(http, url, seconds)
    return refused.value.code


def test_answer_as_it_is(http: httpx.Client) -> None:
    with saying(answer(418, "茶\n\x1b壶".encode(), "text/tea")) as url:
        told = ask(http, url)
    assert (told.status, told.content_type, told.text) == (418, "text/tea", "茶 \x1b壶")


def test_redirect_is_an_answer_like_others(http: httpx.Client) -> None:
    with saying(b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n") as url:
        assert ask(http, url).status == 307


def test_compressed_bomb_stays_as_it_is(http: httpx.Client) -> None:
    head = b"HTTP/1.1 200 X\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n"
    with saying(head + b"bomb") as url:
        assert ask(http, url).body == b"bomb"


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, without end: no single wait is long."""

    def drip(connection: socket.socket) -> None:
        pause = Event()
        try:
            connection.sendall(head)
            while not pause.wait(0.05):
                connection.sendall(b"x")
        except OSError:
            return

    return drip


def silent(connection: socket.socket) -> None:
    """Nothing until the other side is gone."""
    assert connection.recv(1) == b""


def test_silence_ends(http: httpx.Client) -> None:
    assert problem(http, silent, 0.5) == "slow"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 X\r\nx-long: ",
        b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n",
        b"HTTP/1.1 200 X\r\n\r\n",
    ],
)
def test_dripping_ends(http: httpx.Client, head: bytes) -> None:
    assert problem(http, dripping(head), 0.5) in ("slow", "away")


def test_dripping_ends_under_tls_too(tmp_path: Path) -> None:
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=w -addext"
    line = ["openssl", *words.split(), "subjectAltName=IP:127.0.0.1", *files]
    subprocess.run(line, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate"))
    said: list[Said] = [answer(200, b"sealed"), dripping(b"HTTP/1.1 200 X\r\nx-long: ")]
    with saying(*said, tls=context) as url, httpx.Client(trust_env=False, verify=trusting) as http:
        assert ask(http, url).body == b"sealed"
        with pytest.raises(AwayError) as refused:
            ask(http, url, 0.5)
    assert refused.value.code == "slow"


def test_cut_off_is_no_answer(http: httpx.Client) -> None:
    assert problem(http, answer(200, b"half of it")[:-4]) == "away"


def test_too_much_is_not_read(http: httpx.Client) -> None:
    assert problem(http, answer(200, bytes(1001))) == "too_large"


def test_nobody_there(http: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(AwayError) as refused:
        ask(http, f"http://127.0.0.1:{port}")
    assert refused.value.code == "away"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.binary(max_size=200) | st.binary(max_size=200).map(lambda raw: b"HTTP/1.1 200 X\r\n" + raw))
def test_any_bytes_as_an_answer(http: httpx.Client, said: bytes) -> None:
    with saying(said) as url:
        try:
            told = ask(http, url)
        except AwayError:
            return
    assert len(told.body) <= 1000


@settings(max_examples=400)
@given(st.binary(max_size=300) | st.text(alphabet="— w.exampl AZaz09+/=\n", max_size=200).map(str.encode))
def test_any_bytes_as_signature_lines(raw: bytes) -> None:
    try:
        found: tuple[Signature, ...] = parse_signatures(raw.decode())
    except (NoteError, UnicodeDecodeError):
        return
    assert "".join(each.line for each in found).encode() == raw


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://w.example/a", "https://w.example/a/add-checkpoint"),
        ("https://w.example/a/", "https://w.example/a/add-checkpoint"),
        ("http://w.example", "http://w.example/add-checkpoint"),
        ("w.example:8443/a", "https://w.example:8443/a/add-checkpoint"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/add-checkpoint"),
        ("localhost:8080", "http://localhost:8080/add-checkpoint"),
        ("[::1]:8080", "http://[::1]:8080/add-checkpoint"),
    ],
)
def test_address(url: str, wanted: str) -> None:
    assert address(url, "/add-checkpoint") == wanted


@pytest.mark.parametrize(
    "url",
    ["", "ftp://w.example", "file:///etc/passwd", "https://", "http://[::1", "http://w.example:x"],
)
def test_no_address(url: str) -> None:
    with pytest.raises(YangguangError) as refused:
        address(url)
    assert refused.value.code == "bad_url"
