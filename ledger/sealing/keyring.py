"""The keys a log signs with, in a folder that only the signer's user can read.

Each key has two files under its id: `<id>.pem` (PKCS #8) and `<id>.vkey` (C2SP signed-note verifier key).
Which may sign what stands in `keyring.json`, and replacing that file is what makes a change happen: a key
file that it does not name has never signed. A retired key keeps its public half, or old checkpoints could no
longer be verified. Changes are told to the ledger and the policy file afterwards
(`ledger.sealing.rotation`); until then they stand as `untold`, so that a process killed in between leaves
the rest to the next one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ledger.notes import BadKeyError, KeyKind, SigningKey, VerifierKey, generate_key, load_key
from ledger.sealing.durable import destroy, sync_folder, write_durably
from ledger.sealing.keyring_index import Action, Index, KeptKey, KeyChange, KeyringError, parse_index

INDEX = "keyring.json"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one log. It remembers nothing: another process may rotate them at any time."""

    folder: Path
    origin: str

    @property
    def empty(self) -> bool:
        """Whether no key was ever made here."""
        return not self.folder.exists() or not any(self.folder.iterdir())

    @property
    def keys(self) -> tuple[KeptKey, ...]:
        """All keys, retired ones too, oldest first. Raises KeyringError."""
        return self.index().keys

    @property
    def active(self) -> tuple[SigningKey, ...]:
        """The private keys that sign now. Raises KeyringError where none is whole."""
        found = tuple(self._private(each.key) for each in self.keys if each.active)
        if not any(each.kind is KeyKind.ED25519 for each in found):
            raise KeyringError(f"{self.folder}: 没有在用的签名密钥 / no key is in use that signs for a log")
        return found

    def index(self) -> Index:
        """What the keyring says of itself. Raises KeyringError."""
        path = self.folder / INDEX
        index = parse_index(_read(path))
        if index.origin != self.origin:
            said = f"{path}: 密钥属于另一来源 / these are keys of {index.origin!r}, not of {self.origin!r}"
            raise KeyringError(said)
        return index

    def generate(self, actor: str = "system", at: datetime | None = None) -> tuple[KeptKey, ...]:
        """Make the first keys; of two processes that try, one wins and both get its keys."""
        made = _generate(self.origin)
        kept = tuple(KeptKey(each.verifier) for each in made)
        changes = _changes(Action.GENERATE, kept, actor, at or datetime.now(UTC))
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=f".{self.folder.name}-"))
        _write_keys(draft, made)
        write_durably(draft / INDEX, Index(self.origin, kept, changes).encode())
        try:
            draft.rename(self.folder)  # refused where the folder holds something already
        except OSError:
            shutil.rmtree(draft)
        sync_folder(self.folder.parent)
        return self.check().keys

    def rotate(self, signed: int, actor: str, at: datetime) -> None:
        """Make new keys, which sign beside the old ones whatever is larger than the last signed size."""
        index, made = self.index(), _generate(self.origin)
        kept = tuple(KeptKey(each.verifier, signed + 1) for each in made)
        _write_keys(self.folder, made)
        changes = _changes(Action.ROTATE, kept, actor, at)
        self._write(replace(index, keys=index.keys + kept, untold=index.untold + changes))

    def retire(self, key_id: str, signed: int, actor: str, at: datetime) -> None:
        """End a key's use after size `signed`, the last one signed, and destroy its private half.

        Raises KeyringError for a key that is not in use, or the last one that can sign for the log.
        """
        index = self.index()
        found = self._in_use(index, key_id)
        ended = replace(found, last=max(found.first, signed))
        keys = tuple(ended if each is found else each for each in index.keys)
        changes = _changes(Action.RETIRE, (ended,), actor, at)
        self._write(replace(index, keys=keys, untold=index.untold + changes))
        self.destroy_retired()

    def destroy_retired(self) -> None:
        """See to it that no retired key can sign: a process may have been killed before it did."""
        for each in self.keys:
            if not each.active:
                destroy(self._file(each.key, "pem"))

    def told(self) -> None:
        """Note that the ledger and the policy file know of all changes."""
        index = self.index()
        if index.untold:
            self._write(replace(index, untold=()))

    def require(self) -> None:
        """Raises KeyringError (code `no_keys`) where no key was ever made."""
        if self.empty:
            raise KeyringError(f"{self.folder}: 尚无密钥 / no key was ever made here", code="no_keys")

    def check(self) -> Keyring:
        """Read everything once. Raises KeyringError naming the file that is wrong, or `no_keys`."""
        self.require()
        for each in self.keys:
            path = self._file(each.key, "vkey")
            if _read(path).decode(errors="replace").strip() != each.key.vkey:
                raise KeyringError(f"{path}: 公钥不符 / not the public key that {INDEX} names")
        _ = self.active
        return self

    def _in_use(self, index: Index, key_id: str) -> KeptKey:
        active = [each for each in index.keys if each.active]
        found = next((each for each in active if each.key.key_id.hex() == key_id), None)
        if found is None:
            raise KeyringError(
                f"没有在用的密钥 / no key in use has the id {key_id!r:.80}", code="unknown_key"
            )
        if all(each is found or each.key.kind is not KeyKind.ED25519 for each in active):
            said = f"最后一把签名密钥不能停用，请先轮换 / {found.key} is the last that signs: rotate first"
            raise KeyringError(said, code="last_key")
        return found

    def _private(self, key: VerifierKey) -> SigningKey:
        path = self._file(key, "pem")
        try:
            found = load_key(key.name, key.kind, _read(path))
        except BadKeyError as error:
            raise KeyringError(f"{path}: {error.message}") from None
        if found.verifier != key:
            raise KeyringError(f"{path}: 私钥与公钥不符 / not the private key of {key}")
        return found

    def _file(self, key: VerifierKey, kind: str) -> Path:
        return self.folder / f"{key.key_id.hex()}.{kind}"

    def _write(self, index: Index) -> None:
        write_durably(self.folder / INDEX, index.encode())


def open_keyring(folder: Path, origin: str) -> Keyring:
    """The keyring in `folder` of the log `origin`, perhaps empty. Raises KeyringError where it is broken."""
    keyring = Keyring(folder, origin)
    return keyring if keyring.empty else keyring.check()


def _generate(origin: str) -> list[SigningKey]:
    """Ed25519, and a key that quantum computers do not break where this machine can make one."""
    made = [generate_key(origin, KeyKind.ED25519)]
    with suppress(BadKeyError):
        made.append(generate_key(origin, KeyKind.COSIGNATURE_MLDSA44))
    return made


def _write_keys(folder: Path, keys: Iterable[SigningKey]) -> None:
    for key in keys:
        name = key.verifier.key_id.hex()
        write_durably(folder / f"{name}.pem", key.pem())
        write_durably(folder / f"{name}.vkey", f"{key.verifier.vkey}\n".encode())


def _changes(action: Action, keys: Sequence[KeptKey], actor: str, at: datetime) -> tuple[KeyChange, ...]:
    return tuple(KeyChange(action, each, actor, at) for each in keys)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyringError(
            f"{path}: 密钥目录不完整，请从备份恢复，不可另造 / the keyring is not whole ({error.strerror}):"
            " bring the file back from your backup; new keys would not be this log's"
        ) from None
