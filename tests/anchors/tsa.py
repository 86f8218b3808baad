"""A time-stamp authority of our own: certificates, `openssl ts -reply`, and HTTP on loopback around it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.notes.policy import Authority

# One certificate in the token: the package that verifies wants more than one sorted as DER sorts a set.
CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = nobody
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[serving]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,serverAuth
[tsa]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
other_policies = 1.3.6.1.4.1.99999.2
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""

Change = Callable[[bytes], bytes]


@dataclass
class LocalAuthority:
    """An authority in a folder; tests may alter what it is asked and what it says."""

    folder: Path
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    before: Change = bytes
    after: Change = bytes
    _stamped: dict[bytes, bytes] = field(default_factory=dict)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Certificates: a root of its own, and what signs the tokens."""
        self.folder.mkdir()
        (self.folder / "tsa.cnf").write_text(CONFIG)
        (self.folder / "serial").write_text("01\n")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"
        self._openssl(
            f"req -x509 {key} -keyout root.key -out root.pem -extensions root -days 99 -subj /CN=Root"
        )
        self._openssl(f"req {key} -keyout tsa.key -out tsa.csr -subj /CN=Stamps")
        self.certify("stamping")

    def certify(self, usage: str) -> None:
        """Make the certificate that signs tokens, for this usage."""
        signed = "-CA root.pem -CAkey root.key -set_serial 7 -days 90 -extfile tsa.cnf"
        self._openssl(f"x509 -req -in tsa.csr -out tsa.pem {signed} -extensions {usage}")

    @property
    def pem(self) -> bytes:
        """The root certificate."""
        return (self.folder / "root.pem").read_bytes()

    @property
    def root(self) -> x509.Certificate:
        """The root certificate, read."""
        return x509.load_pem_x509_certificate(self.pem)

    @property
    def trusted(self) -> Authority:
        """How a policy names it."""
        return Authority(self.url, self.root.fingerprint(SHA256()).hex())

    def reply(self, query: bytes) -> bytes:
        """What OpenSSL answers to a query."""
        self.asked.append(query)
        query = self.before(query)
        with self._one_at_a_time:
            (self.folder / "query").write_bytes(query)
            self._openssl("ts -reply -config tsa.cnf -section tsa -queryfile query -out answer")
            return self.after((self.folder / "answer").read_bytes())

    def stamp(self, note: bytes) -> bytes:
        """A token over a note, made without anything of ours."""
        (self.folder / "note").write_bytes(note)
        self._openssl("ts -query -data note -sha256 -cert -out asked")
        return self.reply((self.folder / "asked").read_bytes())

    def once(self, note: bytes) -> bytes:
        """The same token over a note each time."""
        if note not in self._stamped:
            self._stamped[note] = self.stamp(note)
        return self._stamped[note]

    @property
    def signer(self) -> bytes:
        """The certificate that signs tokens, in DER."""
        return x509.load_pem_x509_certificate((self.folder / "tsa.pem").read_bytes()).public_bytes(
            Encoding.DER
        )

    def check(self, token: bytes, note: bytes) -> bool:
        """Whether stock OpenSSL finds that the token holds for the note."""
        (self.folder / "token").write_bytes(token)
        (self.folder / "note").write_bytes(note)
        line = ["openssl", *["ts", "-verify", "-in", "token", "-data", "note", "-CAfile", "root.pem"]]
        return subprocess.run(line, cwd=self.folder, capture_output=True, check=False).returncode == 0

    def _openssl(self, words: str) -> None:
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[LocalAuthority]:
    """An authority that serves on loopback."""
    with stamping(tmp_path / "authority") as made:
        yield made


@contextmanager
def stamping(folder: Path) -> Iterator[LocalAuthority]:
    """An authority that serves on loopback, with its files in a new folder."""
    made = LocalAuthority(folder)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/timestamp-query"
            said = made.reply(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        Thread(target=server.serve_forever).start()
        made.url = f"http://127.0.0.1:{server.server_port}/tsa"
        yield made
        server.shutdown()
