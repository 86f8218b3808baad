"""Turns at a matter: at most so many at once, in order, and nobody waits longer than he said."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from schemas.errors import UnavailableError
from starter.turns import AT_ONCE, Turns

PATIENCE = timedelta(seconds=30)


async def test_no_more_than_so_many_at_once_and_in_the_order_of_coming() -> None:
    turns, there, most, served = Turns(), 0, 0, list[int]()

    async def act(n: int) -> None:
        nonlocal there, most
        async with turns.at("review/1", PATIENCE):
            there += 1
            most = max(most, there)
            served.append(n)
            await asyncio.sleep(0)
            there -= 1

    await asyncio.gather(*(act(n) for n in range(50)))
    assert (most, there, served) == (AT_ONCE, 0, list(range(50)))


async def test_who_gets_no_turn_is_told_that_the_matter_is_busy() -> None:
    turns, leave = Turns(), asyncio.Event()

    async def hold() -> None:
        async with turns.at("review/1", PATIENCE):
            await leave.wait()

    holding = [asyncio.create_task(hold()) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError) as refused:
        async with turns.at("review/1", timedelta(milliseconds=10)):
            pass
    assert refused.value.code == "busy"
    async with turns.at("review/2", timedelta(milliseconds=10)):
        leave.set()  # another matter is not busy
    await asyncio.gather(*holding)
    async with turns.at("review/1", PATIENCE):
        pass
