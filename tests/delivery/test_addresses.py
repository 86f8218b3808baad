"""Where a webhook may go: names that lead into this house, or change their mind, lead nowhere."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from schemas.errors import UsageError
from starter.delivery import registry
from starter.delivery.addresses import AddressRefusedError, checked_url, is_public, networks, resolve
from starter.delivery.queue import Fate
from starter.delivery.sending import Sender
from tests.delivery.house import LOOPBACK, Desk
from tests.delivery.receiver import Receiver

INSIDE = (
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.8",
    "172.16.4.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.8",
    "64:ff9b::a00:8",
    "2002:a00:8::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_a_house_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://city.example/hook",
        "ftp://city.example/hook",
        "https://user:word@city.example/hook",
        "https:///hook",
        "https://city.example/a b",
        "https://city.example/#part",
        "https://city.example:99999/",
        "https://city.example/\nx",
        "https://city.example/" + "a" * 2000,
    ],
)
def test_what_is_no_plain_https_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(UsageError):
        checked_url(url)


async def test_a_name_that_has_one_inside_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[list[str]] = [["8.8.8.8", "10.0.0.8"], ["8.8.8.8"]]

    async def look_up(_: Any, host: str, port: int, **__: Any) -> list[tuple[Any, ...]]:
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", look_up)
    with pytest.raises(AddressRefusedError, match=r"10\.0\.0\.8"):
        await resolve("https://city.example/hook", ())
    assert await resolve("https://city.example/hook", ()) == ip_address("8.8.8.8")
    assert answers == []


async def test_plain_http_goes_into_allowed_networks_only() -> None:
    with pytest.raises(AddressRefusedError):
        await resolve("http://8.8.8.8/hook", networks(["10.0.0.0/8"]))
    assert str(await resolve("http://10.1.2.3/hook", networks(["10.0.0.0/8"]))) == "10.1.2.3"


async def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_was_looked_at(
    desk: Desk, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer, which would be another address, is never asked for."""
    loop = type(asyncio.get_running_loop())
    real, asked = loop.getaddrinfo, list[str]()

    async def look_up(self: Any, host: str, port: int, **more: Any) -> Any:
        if host == "rebinding.test":
            asked.append(host)
            there = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (there, port))]
        return await real(self, host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    desk.subscribe(f"http://rebinding.test:{receiver.port}/hook")
    desk.happens("LX-1", "case.registered")
    await desk.webhooks(sender).round()
    (message,) = receiver.messages
    assert message.headers["host"] == f"rebinding.test:{receiver.port}"
    assert asked == ["rebinding.test"]


async def test_an_inside_address_is_not_called_unless_this_subscription_may(
    desk: Desk, receiver: Receiver, sender: Sender
) -> None:
    other = desk.subscribe(f"https://localhost:{receiver.port}/hook", allowed=())
    wrong = desk.subscribe(receiver.url, allowed=("10.0.0.0/8",))
    desk.subscribe(receiver.url, allowed=LOOPBACK)
    desk.happens("LX-1", "case.registered")
    await desk.webhooks(sender).round()
    assert len(receiver.messages) == 1
    with desk.reading() as connection:
        for refused in (other, wrong):
            (told,) = registry.deliveries(connection, refused.subscription.id)
            assert (told.state, told.attempts) == (Fate.WAITING, 1)
            assert "not allowed" in told.problem


async def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver, sender: Sender) -> None:
    identity = desk.subscribe(receiver.url).subscription.id
    desk.happens("LX-1", "case.registered")
    receiver.answers = [f"307 Moved\r\nLocation: http://127.0.0.1:{receiver.port}/inside".encode()]
    await desk.webhooks(sender).round()
    assert [each.path for each in receiver.messages] == ["/hook"]
    with desk.reading() as connection:
        (told,) = registry.deliveries(connection, identity)
    assert (told.state, told.status) == (Fate.WAITING, 307)


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this name shows, and what a client believes who trusts it alone."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = made.public_bytes(serialization.Encoding.PEM), serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "tls.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain) + pem)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(folder / "tls.pem")
    return shown, ssl.create_default_context(cadata=pem.decode())


async def test_the_certificate_must_be_that_of_the_name_although_the_address_is_pinned(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = type(asyncio.get_running_loop())
    real = loop.getaddrinfo

    async def look_up(self: Any, host: str, port: int, **more: Any) -> Any:
        return await real(self, "127.0.0.1" if host.endswith(".test") else host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    shown, trust = certified(tmp_path, "hooks.test")
    receiver = Receiver(tls=shown)
    await receiver.up()
    right = desk.subscribe(f"https://hooks.test:{receiver.port}/hook").subscription.id
    wrong = desk.subscribe(f"https://other.test:{receiver.port}/hook").subscription.id
    desk.happens("LX-1", "case.registered")
    async with Sender(trust) as sender:
        await desk.webhooks(sender).round()
    await receiver.down()
    assert [each.headers["host"] for each in receiver.messages] == [f"hooks.test:{receiver.port}"]
    with desk.reading() as connection:
        assert [each.state for each in registry.deliveries(connection, right)] == [Fate.DELIVERED]
        (told,) = registry.deliveries(connection, wrong)
    assert (told.state, "certificate" in told.problem.lower()) == (Fate.WAITING, True)
