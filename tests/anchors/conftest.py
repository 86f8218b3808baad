"""Fixtures of the tests of witnesses and time-stamps."""

from tests.anchors.serving import http, witness
from tests.anchors.tsa import authority
from tests.ledger.fixtures import ledger, new_url, postgresql, url

__all__ = ["authority", "http", "ledger", "new_url", "postgresql", "url", "witness"]
