"""Sealed values on the command line: a price is typed without showing, and opened by two named people."""

from __future__ import annotations

import sys
import uuid
from typing import Annotated

import typer

from cli.context import clients, run
from cli.matter import AsOption, PostOption, ProfileOption, post_for
from cli.output import JsonOption, print_json
from cli.review_steps import KIND
from cli.steps import DocumentOption, NumberArgument, do
from schemas.entries import Receipt
from schemas.errors import UsageError
from starter.acting import message_for
from starter.reviews import seal_in
from starter.sealed_values import Reading, read_values

WhatOption = Annotated[str, typer.Option("--what", help="密封的是什么 / name of the value.")]


def seal(
    number: NumberArgument,
    officer: AsOption,
    custodians: Annotated[
        list[str], typer.Option("--custodian", help="启封人工号，两名 / who may open it; two of them.")
    ],
    what: WhatOption = "reserve_price",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """密封 / seal a value; it is asked for without showing, or read from standard input."""
    if len(custodians) != 2:
        raise UsageError("须指定两名启封人 / name two people with --custodian", code="two_custodians")
    value = _typed()
    held = post_for(profile, officer, post)

    async def send() -> Receipt:
        async with clients() as client:
            return await seal_in(
                client,
                number,
                what,
                value,
                act_id=f"cli-{uuid.uuid4().hex}",
                officer=officer,
                post=held,
                custodians=(custodians[0], custodians[1]),
            )

    receipt = run(send())
    if as_json:
        print_json({"receipt": receipt})
        return
    print(f"已密封 / sealed: entry {receipt.caseseq} of {number}  ({receipt.leaf_hash[:16]}…)")


def _typed() -> str:
    """Not as an argument, which other users of the machine could read."""
    if sys.stdin.isatty():
        value = typer.prompt("密封的内容 / the value", hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.readline()
    if not str(value).strip():
        raise UsageError("没有内容 / there is nothing to seal", code="nothing_to_seal")
    return str(value).strip()


def end_sale(
    number: NumberArgument,
    officer: AsOption,
    document: DocumentOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """交易结束 / record that the sale has ended."""
    do(KIND, number, "end_sale", officer, post, profile, as_json, document=document)


def unseal(
    number: NumberArgument,
    officer: AsOption,
    what: WhatOption = "reserve_price",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """启封 / ask to open; the second of the two named people opens it. Every attempt is recorded."""
    fields = {"id": f"cli-{uuid.uuid4().hex}", "officer": officer, "what": what}
    message = message_for(KIND, "unseal", {**fields, "post": post_for(profile, officer, post)})

    async def send() -> Reading:
        async with clients() as client:
            return await read_values(client, KIND, number, "unseal", message)

    reading = run(send())
    if as_json:
        opened = [{"name": o.name, "value": o.value, "opening": o.opening} for o in reading.opened]
        print_json({"receipt": reading.receipt, "opened": opened})
        return
    print(f"已记录 / recorded: entry {reading.receipt.caseseq} of {number}")
    for each in reading.opened:
        print(f"{each.name}: {each.value}")
        print(f"原文 / opening of {each.digest}: {each.opening}")
    if not reading.opened:
        print("还需另一名启封人 / it still takes the other of the two")
