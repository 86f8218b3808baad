"""The mark of tests that run beside each other (see `conftest.py`)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.workflows.house import House

Course = Callable[[House], Awaitable[None]]


def beside(course: Course) -> Any:
    """Make a test of a course through a bureau: it is begun with all others and awaited here."""

    @pytest.mark.asyncio(loop_scope="session")
    async def test(running: dict[Course, asyncio.Task[None]]) -> None:
        await running[course]

    functools.update_wrapper(test, course)
    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for the course's arguments
    test.course = course  # type: ignore[attr-defined]
    return test


def course_of(item: pytest.Item) -> Course | None:
    """The course of a test item, if it is one."""
    return getattr(getattr(item, "obj", None), "course", None)
