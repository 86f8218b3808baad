"""Takes the pictures of the README (`make screenshots`): the story on a fixed day, under a fixed clock.

The pages are served in this process over the ledger that the demonstration leaves behind; its engine is gone,
and reading needs none. Wants Chromium and a Chinese font.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import BrowserContext, async_playwright

from ledger.db import open_database
from starter.connect import Engine, connect
from starter.desk import desk_for
from starter.home import open_home
from web.ports import HOST, free_port
from web.serving import serve

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
DAY = "2029-03-05"
NOW = datetime(2029, 3, 12, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""When the pictures are taken: the story's overdue case is red by then."""

NOWHERE = Engine("127.0.0.1:9", "default", owned=False)
"""No engine is needed for reading."""

PICTURES = (
    ("inbox", "1101", "/inbox"),
    ("case", "1901", "/matters/case/LX-2029-000003"),
    ("card", "1901", "/cards/LX-2029-000003/Y1-1"),
    ("board", "1901", "/supervision"),
)
WINDOW = {"width": 1100, "height": 820}


async def main() -> None:
    """Tell the story, open the desk, take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        line = [
            sys.executable,
            "-m",
            "cli.main",
            "--home",
            str(home),
            "demo",
            "--from",
            DAY,
            "--keep",
            "--json",
        ]
        subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        here = open_home(home / "demo")
        ledger = open_database(here.database_url, here.origin)
        desk = replace(desk_for(here, await connect(NOWHERE, lazy=True), ledger), now=lambda: NOW)
        port, stop, ready = free_port(), asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(serve(desk, port, stop, ready.set))
        await ready.wait()
        await take(f"http://{HOST}:{port}")
        stop.set()
        await serving


async def take(address: str) -> None:
    """Each page as its officer sees it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, officer, path in PICTURES:
            context = await browser.new_context(base_url=address, locale="zh-CN", viewport=WINDOW)
            await show(context, name, officer, path)
            await context.close()
        await browser.close()


async def show(context: BrowserContext, name: str, officer: str, path: str) -> None:
    """Sign in, go there, keep what is seen."""
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.locator(f'input[name="officer"][value="{officer}"]').check()
    await page.get_by_role("main").get_by_role("button").last.click()
    await page.wait_for_load_state()
    await page.goto(path)
    await page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
