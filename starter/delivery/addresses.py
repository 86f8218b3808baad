"""Where a webhook may go: no address of this house's own network, unless the subscription names it.

A name is resolved here, every address it has is looked at, and the connection goes to the very address
that was looked at: a name that answers otherwise the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

from schemas.errors import UsageError, YangguangError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL = 2000
_PORTS = {"https": 443, "http": 80}
_NAT64 = ip_network("64:ff9b::/96")


class AddressRefusedError(YangguangError):
    """The target lies where nothing may be sent, or nowhere at all."""

    default_code = "address_refused"


def checked_url(url: str, allowed: Sequence[Network] = ()) -> str:
    """A URL that can be a target. Raises UsageError.

    Plain http is for addresses inside allowed networks: everywhere else the body would travel in clear.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError(f"地址不可用 / not usable as an address: {url[:80]!r}", code="bad_url") from None
    if len(url) > MAX_URL or not url.isprintable() or " " in url:
        raise UsageError(f"地址不可用 / not usable as an address: {url[:80]!r}", code="bad_url")
    if parts.scheme not in _PORTS or not parts.hostname or parts.fragment:
        raise UsageError(f"须为 https 地址 / must be an https address: {url[:80]}", code="bad_url")
    if parts.username or parts.password:
        raise UsageError("地址不得含口令 / an address must not hold a password", code="bad_url")
    try:
        _ = parts.port
    except ValueError:
        raise UsageError(f"端口不可用 / no such port: {url[:80]}", code="bad_url") from None
    if parts.scheme == "http" and not allowed:
        raise UsageError(
            "http 只用于明确允许的网段 / plain http only into networks that are allowed by name",
            code="bad_url",
        )
    return url


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as `10.1.0.0/16`. Raises UsageError."""
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise UsageError(f"网段不可用 / not a network: {error}", code="bad_network") from None


async def resolve(url: str, allowed: Sequence[Network]) -> Address:
    """The address to connect to. Raises AddressRefusedError if any address of the name is not allowed."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefusedError(f"无法解析 / cannot be resolved: {host}", code="unresolved") from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    plain = parts.scheme == "http"
    for each in addresses:
        if not _may_connect(each, allowed, plain=plain):
            raise AddressRefusedError(
                f"{host} 指向不允许的地址 / points to an address that is not allowed: {each}"
            )
    return addresses[0]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the internet at large, also one that is wrapped in another."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _may_connect(address: Address, allowed: Sequence[Network], *, plain: bool) -> bool:
    if any(address in network for network in allowed):
        return True
    return is_public(address) and not plain


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
