"""Fixtures of the ledger's tests."""

from tests.ledger.fixtures import ledger, new_url, postgresql, url

__all__ = ["ledger", "new_url", "postgresql", "url"]
