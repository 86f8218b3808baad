"""How recently somebody proved who he is: decisions want it recent (step-up)."""

from __future__ import annotations

from datetime import timedelta

from starter.desk import Desk
from starter.identity.errors import ProofNeededError
from starter.identity.visitor import Visitor


def is_recent(visitor: Visitor, desk: Desk) -> bool:
    """Whether he proved who he is within the time that the home allows."""
    return visitor.proven_at is not None and desk.now() - visitor.proven_at <= desk.home.proof_for


def check_proof(desk: Desk, visitor: Visitor) -> None:
    """Raises ProofNeededError where the last proof is too old."""
    if not is_recent(visitor, desk):
        minutes = desk.home.proof_for // timedelta(minutes=1)
        raise ProofNeededError(
            f"决定前须在 {minutes} 分钟内重新登录确认 / "
            f"to decide, prove again who you are: the last proof is older than {minutes} minutes"
        )
