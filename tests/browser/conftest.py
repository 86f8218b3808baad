"""A real browser at a real desk: `yangguang up` in a sample home, Chromium, in Chinese unless asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.commands import clean_environment

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
"""How long a page may take; nothing is measured here."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """None of them where there is no browser."""
    here = Path(__file__).parent
    for item in (each for each in items if here in each.path.parents):
        if not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason=f"没有 Chromium / no Chromium at {CHROMIUM}"))


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a fresh sample home shows its pages, with the sample matters begun."""
    home = tmp_path_factory.mktemp("browser") / "home"
    line = [sys.executable, "-m", "cli.main", "--home", str(home), "up", "--json"]
    with subprocess.Popen(
        line, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["pages"])
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the tests of a file; while it runs, no other event loop can in this process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A visitor of his own, who asked for no language."""
    opened = browser.new_context(base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai")
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of that visitor."""
    return context.new_page()
