"""Fixtures of the ledger's tests."""

from tests.ledger.fixtures import ledger, new_url, postgresql, url
from tests.ledger.tampering import full

__all__ = ["full", "ledger", "new_url", "postgresql", "url"]
