"""What every kind of matter can do on the command line: any act by its name, show, list.

A noun's own file adds its `start` and, where they are worth a name, verbs for the main steps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.matter import (
    AsOption,
    PostOption,
    ProfileOption,
    ViewerOption,
    fields_of,
    parsed_day,
    post_for,
    read_text,
    send_act,
)
from cli.output import JsonOption
from cli.showing import list_rows, show
from cli.steps import NumberArgument, OpinionOption, ReasonOption
from readmodel.query import Filters
from rules.procedures import PROCEDURES
from schemas.errors import UsageError


def add_common(app: typer.Typer, kind: str) -> None:
    """Give a noun the commands `act`, `show` and `list`."""
    procedure = PROCEDURES[kind]
    zh, acts = procedure.zh, ", ".join(procedure.table)

    @app.command("act", help=f"办理{zh} / do an act: it is recorded, or refused with the reason. {acts}.")
    def act(
        number: NumberArgument,
        name: Annotated[str, typer.Argument(help="操作 / act.")],
        officer: AsOption,
        post: PostOption = "",
        profile: ProfileOption = "current",
        opinion: OpinionOption = "",
        reason: ReasonOption = "",
        to_post: Annotated[str, typer.Option("--to", help="移交给 / post to hand over to.")] = "",
        act_id: Annotated[
            str,
            typer.Option("--id", help="操作编号，重发不重复 / act id; repeated, it has no second effect."),
        ] = "",
        settings: Annotated[
            list[str] | None, typer.Option("--set", help="其他字段 key=value / further fields of the act.")
        ] = None,
        data: Annotated[str, typer.Option(help="其他字段 JSON / further fields as a JSON object.")] = "",
        file: Annotated[
            Path | None, typer.Option("--file", help="其他字段 JSON 文件 / the same in a file.")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        if data and file:
            raise UsageError("--data 与 --file 只能用一个 / give --data or --file, not both", code="clash")
        stated = {"officer": officer, "post": post_for(profile, officer, post), "id": act_id}
        stated |= {"opinion": opinion, "reason": reason, "to_post": to_post}
        send_act(kind, number, name, fields_of(settings or [], data or read_text(file), stated), as_json)

    @app.command("show", help=f"查看{zh} / state, clocks, cards, duty, timeline, as far as one may see.")
    def show_one(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
        show(kind, number, as_json, viewer)

    @app.command("list", help=f"{zh}列表 / those that one may see.")
    def list_all(
        state: Annotated[str | None, typer.Option(help="状态 / state.")] = None,
        item: Annotated[
            str | None, typer.Option("--item", "--type", help="事项或类型 / item or type.")
        ] = None,
        owner: Annotated[str | None, typer.Option(help="责任人工号 / who answers for it.")] = None,
        open_only: Annotated[bool, typer.Option("--open", help="只看未结 / open ones only.")] = False,
        overdue: Annotated[str | None, typer.Option(help="到该日已逾期 / overdue as of this day.")] = None,
        after: Annotated[str | None, typer.Option(help="下一页 / continue after this cursor.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
        viewer: ViewerOption = "",
        as_json: JsonOption = False,
    ) -> None:
        filters = Filters(
            kind=kind,
            state=state,
            item=item,
            owner=owner,
            open_only=open_only,
            overdue_on=parsed_day(overdue),
            after=after,
            limit=limit,
        )
        list_rows(kind, filters, as_json, viewer)
