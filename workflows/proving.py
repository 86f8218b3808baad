"""Who somebody is, and for whom he acts: what a desk's assertion proves, and what a grant allows."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from rules.assertions import vouched
from rules.facts import said_in
from rules.policy import check_grant
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.grants import Grant
from workflows.seeing import Seeing
from workflows.timed import S


class Proving(Seeing[S]):
    """What is asked of every act before the rules of its procedure are."""

    id: str

    def check_authenticated(self, name: str, message: Act, said: str) -> bool:
        """Whether a desk vouches that it is he; without that, refuse him where his word does not count."""
        rules, grant = self.rules, message.delegation
        claims = vouched(
            message.assertion,
            rules.desk_keys,
            matter=f"{self.kind}/{self.id}",
            act_id=message.id,
            officer=message.officer,
            said=said,
            grant=grant.id if grant else "",
        )
        if claims is None and not rules.unauthenticated_acts and name not in rules.unauthenticated_for:
            raise Refusal("unauthenticated")
        return claims is not None

    def is_proven(self, name: str, message: Act) -> bool:
        """Whether a desk vouches for whoever is refused: then it was really he who tried."""
        said = self.start.digest if name == "register" else said_in(name, message)
        with suppress(Refusal):
            return self.check_authenticated(name, message, said)
        return False

    def grant_of(self, name: str, message: Act, at: datetime, *, proven: bool) -> Grant | None:
        """The grant he acts under, if it holds for this act; a mere statement of one does not."""
        if message.delegation is None:
            return None
        if not proven:
            raise Refusal("grant_unproven")
        item = self.rules.item.code if self.rules.item else ""
        check_grant(message.delegation, message, at, self.kind, item, name)
        return message.delegation
