"""What a ledger needs done again and again, each duty once: sign, show to the witnesses, have time-stamped.

Everything that may have changed since is read anew each time: keys that were rotated, a policy that was
edited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import Connection, func, select

from ledger.anchors.timestamps import Stamped, stamp
from ledger.anchors.witnesses import Published, publish
from ledger.db import Ledger, snapshot
from ledger.notes import Checkpoint
from ledger.notes.policy import Policy, parse_policy
from ledger.sealing.keyring import Keyring
from ledger.sealing.rotation import first_keys, settle
from ledger.sealing.signer import PACE, Signer
from ledger.tables import ledger_token

STAMP_EVERY = timedelta(days=1)
"""How often a time-stamp authority is asked, at most, unless told otherwise."""


def wall_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A ledger, and where its keeper finds what it needs."""

    ledger: Ledger
    keys: Path
    """Folder with the keyring and state of the signer (`signer`), the policy (`policy`), roots (`tsa`)."""
    signs: bool = True
    """False: this process only seals; the keys are somebody else's."""
    makes_keys: bool = True
    """Whether a log that never had keys gets its first ones here."""
    stamp_every: timedelta = STAMP_EVERY
    now: Callable[[], datetime] = wall_clock

    @property
    def policy(self) -> Path:
        """The policy file; it is there once keys are."""
        return self.keys / "policy"

    @property
    def keyring(self) -> Keyring:
        """The log's keys; those of another log are refused when they are read."""
        return Keyring(self.keys / "signer", self.ledger.origin.name)

    def signer(self, pace: timedelta = PACE) -> Signer:
        """The log's signer; `pace` is the least time between two checkpoints."""
        return Signer(self.keyring, self.keys / "signer" / "state.json", pace=pace)


def ready_to_sign(keeping: Keeping) -> bool:
    """Whether signing is for this process to do; first keys are made and changes of keys told by then.

    What that records has to be sealed before it can be signed. Raises KeyringError.
    """
    if not keeping.signs or (keeping.keyring.empty and not keeping.makes_keys):
        return False
    signer = keeping.signer()
    if keeping.keyring.empty:
        first_keys(keeping.ledger, signer, keeping.policy, keeping.now())
    settle(keeping.ledger, signer, keeping.policy)
    return True


def sign_due(keeping: Keeping, pace: timedelta = PACE) -> Checkpoint | None:
    """Sign what is sealed; None where nothing is due. Raises what `Signer.sign` raises."""
    return keeping.signer(pace).sign(keeping.ledger, keeping.now())


def publish_due(keeping: Keeping) -> tuple[Published, ...]:
    """Show the newest checkpoint to the witnesses of the policy that have not cosigned it.

    Raises BadPolicyError; what a witness does or does not is told in the answer.
    """
    policy = read_policy(keeping.policy)
    if not keeping.signs or not any(each.url for each in policy.witnesses):
        return ()
    with httpx.Client() as http:
        return publish(keeping.ledger, policy, http=http, now=keeping.now)


def stamp_due(keeping: Keeping) -> tuple[Stamped, ...]:
    """Have the newest checkpoint time-stamped by the authorities that did not stamp for `stamp_every`.

    Raises BadPolicyError, BadRootError; what an authority does or does not is told in the answer.
    """
    policy = read_policy(keeping.policy)
    if not keeping.signs or not any(each.url for each in policy.authorities):
        return ()
    with snapshot(keeping.ledger.engine) as connection:
        due = tuple(each for each in policy.authorities if _is_due(connection, each.url, keeping))
    roots = [path.read_bytes() for path in sorted((keeping.keys / "tsa").glob("*.pem"))]
    with httpx.Client() as http:
        return stamp(keeping.ledger, replace(policy, authorities=due), roots, http=http, now=keeping.now)


def read_policy(path: Path) -> Policy:
    """The policy file; an empty policy where there is none yet. Raises BadPolicyError."""
    return parse_policy(path.read_bytes()) if path.exists() else Policy()


def _is_due(connection: Connection, authority: str, keeping: Keeping) -> bool:
    newest = select(func.max(ledger_token.c.stamped)).where(ledger_token.c.authority == authority)
    at = connection.scalar(newest)
    return at is None or keeping.now() - datetime.fromisoformat(at) >= keeping.stamp_every
