"""Fixtures of the API's tests."""

from tests.ledger.fixtures import new_url, postgresql, url

__all__ = ["new_url", "postgresql", "url"]
