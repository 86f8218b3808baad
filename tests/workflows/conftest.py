"""Tests that run beside each other.

A limit of weeks costs a second of waiting, and most of a test is such waiting. A test marked `beside`
is therefore begun together with all others of the session that are selected, and awaited in its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.workflows.beside import Course, course_of
from tests.workflows.house import House

AT_ONCE = 32


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(
    request: pytest.FixtureRequest, house: House
) -> AsyncIterator[dict[Course, asyncio.Task[None]]]:
    """All selected courses, begun in their order."""
    room = asyncio.Semaphore(AT_ONCE)

    async def begin(course: Course) -> None:
        async with room:
            await course(house)

    courses = (course_of(item) for item in request.session.items)
    tasks = {course: asyncio.create_task(begin(course)) for course in courses if course}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
