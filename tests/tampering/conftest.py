"""One bureau for each kind of database; what a test did to it is undone before the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ledger.fixtures import new_schema, new_url, postgresql, url
from tests.tampering.bureau import Bureau, as_owner, at_work, kept_rows, open_bureau, restore
from tests.tampering.damages import HALF, WHOLE

__all__ = ["new_url", "postgresql", "url"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def signed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """A bureau at work, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("bureau")
    if request.param == "sqlite":
        place = f"sqlite:///{folder}/ledger.db"
    else:
        place = new_schema(request.getfixturevalue("postgresql"))
    opened = open_bureau(place, folder)
    assert at_work(opened) == (HALF, WHOLE)
    yield opened
    opened.ledger.close()


@pytest.fixture
def bureau(signed: Bureau) -> Iterator[Bureau]:
    """The bureau, as it was left by those who work there."""
    rows, state = kept_rows(signed.ledger), signed.policy_file.with_name("state.json")
    remembered, notes = state.read_bytes(), dict(signed.notes)
    yield signed
    state.write_bytes(remembered)
    signed.notes = notes
    with as_owner(signed.ledger) as connection:
        restore(connection, rows)
