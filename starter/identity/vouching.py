"""The desk vouches: what a visitor does through it carries its signature, which the kernel checks.

Here too a grant is looked up at each use, whatever the message says: nobody brings one along.
"""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass, replace

from joserfc import jws

from ledger.db import OriginKind
from rules.assertions import ALGORITHM, claims_of
from rules.facts import said_in
from schemas.acts import Act
from schemas.errors import NotPermittedError
from schemas.grants import Grant
from schemas.matters import MatterInput
from starter.client import YangguangClient
from starter.desk import Desk
from starter.identity.grants import grant_for
from starter.identity.keys import DeskKeys, desk_keys
from starter.identity.visitor import Visitor, VisitorKind


@dataclass(frozen=True)
class Voucher:
    """Vouches for one visitor at one desk."""

    desk: Desk
    keys: DeskKeys
    visitor: Visitor

    def act(self, kind: str, number: str, name: str, message: Act) -> Act:
        """The act as the desk sends it: under the grant that it needs, and signed.

        Raises NotPermittedError (`not_you`) for an officer's act in another's name.
        """
        self._check_own(message.officer)
        grant = self._grant(kind, number, name, message)
        message = message.model_copy(update={"delegation": grant, "assertion": ""})
        signed = self._signed(f"{kind}/{number}", message.id, message.officer, said_in(name, message), grant)
        return message.model_copy(update={"assertion": signed})

    def start(self, kind: str, start: MatterInput) -> MatterInput:
        """A submission as the desk sends it."""
        self._check_own(start.officer)
        act_id = f"register/{start.id}"
        signed = self._signed(f"{kind}/{start.id}", act_id, start.officer, start.digest, None)
        return start.model_copy(update={"assertion": signed})

    def _check_own(self, officer: str) -> None:
        if self.visitor.kind is VisitorKind.OFFICER and officer != self.visitor.id:
            raise NotPermittedError(
                f"不能以 {officer} 的名义操作 / this cannot be done in the name of {officer}", code="not_you"
            )

    def _grant(self, kind: str, number: str, name: str, message: Act) -> Grant | None:
        profile = self.desk.profile
        own = any(p.code == message.post and message.officer in (p.a, p.b) for p in profile.posts)
        if own or self.visitor.kind is not VisitorKind.OFFICER:
            return None
        # Simulated matters have a time of their own; elsewhere a grant has to be in force now, at each use.
        simulated = self.desk.ledger.origin.kind is OriginKind.SIMULATION
        now = (message.received_at if simulated else None) or self.desk.now()
        with self.desk.reading() as connection:
            act = (kind, number, name)
            return grant_for(connection, profile, message.officer, message.post, act, now)

    def _signed(self, matter: str, act_id: str, officer: str, said: str, grant: Grant | None) -> str:
        now, visitor, key = self.desk.now(), self.visitor, self.keys.signing
        claims = claims_of(
            matter=matter,
            act_id=act_id,
            officer=officer,
            said=said,
            grant=grant.id if grant else "",
            how=visitor.how or visitor.kind.value,
            session=visitor.session or visitor.id,
            proven=int((visitor.proven_at or now).timestamp()),
            at=int(now.timestamp()),
        )
        header = {"alg": ALGORITHM, "kid": key.thumbprint()}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[ALGORITHM])


def client_for(desk: Desk, visitor: Visitor) -> YangguangClient:
    """The typed client for one visitor: whatever it sends, the desk vouches for."""
    client = copy(desk.client)  # turns and what was shown stay those of the process
    client.voucher = Voucher(desk, desk_keys(desk.home), visitor)
    return client


def vouched(desk: Desk, visitor: Visitor) -> Desk:
    """The desk, as this visitor uses it."""
    return replace(desk, client=client_for(desk, visitor))
