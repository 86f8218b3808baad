"""What a bundle brings of keys, roots, policy and advice: convenient, and to be believed by nobody.

Auditors have their own copies. Still these files must be what the bundle's policy makes of them: whoever
runs the commands of the README would check signatures with any key that lies there.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.anchors.timestamps import load_roots
from ledger.bundle.guide import guide
from ledger.bundle.layout import POLICY, README
from ledger.bundle.opened import Bundle
from ledger.notes import Policy, parse_policy
from schemas.errors import YangguangError


def key_files(policy: Policy) -> dict[str, bytes]:
    """Every key of a policy, as C2SP tools and as openssl read it."""
    files = {}
    for key in policy.keys:
        files[f"keys/{key.key_id.hex()}.vkey"] = (key.vkey + "\n").encode()
        files[f"keys/{key.key_id.hex()}.pem"] = key.pem()
    return files


def root_file(certificate: x509.Certificate) -> tuple[str, bytes]:
    """Name and content of the file of a time-stamp authority's root."""
    fingerprint = certificate.fingerprint(SHA256()).hex()
    return f"tsa/{fingerprint}.pem", certificate.public_bytes(Encoding.PEM)


def check_trusted(bundle: Bundle) -> Policy | None:
    """Hold keys and roots against the bundle's own policy, and give that; None where there is none."""
    for name in bundle.names("tsa/"):
        _check_root(bundle, name)
    try:
        policy = parse_policy(bundle.read(POLICY))
    except YangguangError as problem:
        bundle.fail("policy", POLICY, problem.message)
        return None
    wanted = key_files(policy)
    for name in sorted(wanted.keys() | set(bundle.names("keys/"))):
        if name not in bundle.manifest.files or bundle.read(name) != wanted.get(name):
            bundle.fail("keys", name, "与包内策略不符 / not the key files of the policy in the bundle")
    return policy


def has_own_guide(bundle: Bundle, policy: Policy) -> bool:
    """Whether the README is the one that is written here for such a bundle."""
    written, listed = bundle.read(README), bundle.manifest
    try:
        expected = guide(bundle.folder, bundle.newest.note, policy, listed.case, simulated=listed.simulated)
    except (YangguangError, ValueError, OverflowError, OSError):  # times of signatures nobody made
        return False
    return written == expected.encode()


def _check_root(bundle: Bundle, name: str) -> None:
    try:
        files = [root_file(each) for each in load_roots(bundle.read(name))]
    except YangguangError as problem:
        bundle.fail("tsa", name, problem.message)
        return
    if files != [(name, bundle.read(name))]:
        bundle.fail("tsa", name, "与名称不符 / not the one certificate that its name tells")
