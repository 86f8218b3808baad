"""`yangguang card`: list and show supervision cards, and do what people do about them (监察牌)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.context import looking, stored
from cli.matter import AsOption, PostOption, ProfileOption, ViewerOption
from cli.output import JsonOption, print_json, print_table
from cli.showing import print_viewer, show
from cli.steps import EvidenceOption, NumberArgument, OpinionOption, ReasonOption, attached, do
from readmodel.cards import CardFilters, ListedCard, list_cards
from rules.procedures import state_name
from schemas.matters import CardStatus
from schemas.profile import Profile
from starter.rulebook import load_profile

app = typer.Typer(help="监察牌 / supervision cards: explain, object, rule, confirm.", no_args_is_help=True)

KIND = "card"

SHAPES = {"yellow": "▲ 黄牌 yellow", "red": "⬣ 红牌 red"}
"""Word and shape besides the colour."""

STATUSES = {
    CardStatus.PROPOSED: "待确认 proposed",
    CardStatus.DISMISSED: "不予确认 dismissed",
    CardStatus.DUE: "待签发 due",
    CardStatus.OPEN: "未整改 open",
    CardStatus.ESCALATED: "已转红牌 escalated",
    CardStatus.RECTIFIED: "已整改 rectified",
    CardStatus.ABSORBED: "已并入 absorbed",
    CardStatus.REVOKED: "已撤销 revoked",
}


@app.command("list")
def list_command(
    officer: Annotated[str | None, typer.Option(help="对象工号 / staff number of an addressee.")] = None,
    colour: Annotated[str | None, typer.Option(help="颜色 / yellow or red.")] = None,
    status: Annotated[CardStatus | None, typer.Option(help="状态 / status of the card.")] = None,
    section: Annotated[str | None, typer.Option(help="科室 / section of the matter.")] = None,
    matter: Annotated[str | None, typer.Option(help="件号 / number of the matter it is about.")] = None,
    after: Annotated[str | None, typer.Option(help="下一页 / continue after this card.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list the cards that one may see."""
    wanted = {"officer": officer, "colour": colour, "status": status, "section": section}
    filters = CardFilters.model_validate({**wanted, "matter": matter, "after": after, "limit": limit})
    with looking(viewer, "card list") as eyes, stored() as connection:
        page = list_cards(connection, filters, keep=lambda rows: eyes.seen(connection, rows))
    if as_json:
        print_json({"rows": page.rows, "next": page.next, "seen_as": viewer or "house"})
        return
    print_viewer(eyes)
    columns = (
        "牌 card",
        "种类 kind",
        "对象 to",
        "签发 issued",
        "整改至 rectify by",
        "状态 status",
        "程序 state",
    )
    people = load_profile("current")
    print_table(columns, [_cells(each, people) for each in page.rows], title="监察牌 / cards")


def _cells(listed: ListedCard, profile: Profile) -> tuple[object, ...]:
    card = listed.card
    names = {each.staff_no: each.name for each in profile.officers}
    to = "、".join(f"{names.get(who, '')} {who}".strip() for who in card.addressees)
    status = STATUSES[CardStatus(card.status)]
    state = state_name(KIND, listed.state) if listed.state else "—"
    return (
        card.card_id,
        f"{SHAPES[card.colour]} {card.code}",
        to,
        card.issue_day,
        card.rectify_due,
        status,
        state,
    )


@app.command("show")
def show_command(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
    """查看 / state, clocks and timeline of one card."""
    show(KIND, number, as_json, viewer)


@app.command()
def reply(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    evidence: EvidenceOption = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """书面说明 / explain oneself in writing, with evidence."""
    said: dict[str, Any] = {"opinion": opinion, "attachments": attached(evidence)}
    do(KIND, number, "reply", officer, post, profile, as_json, **said)


@app.command("object")
def object_command(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    evidence: EvidenceOption = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """申诉撤牌 / ask that the card be withdrawn, with evidence, in three working days from service."""
    said: dict[str, Any] = {"reason": reason, "attachments": attached(evidence)}
    do(KIND, number, "object_to", officer, post, profile, as_json, **said)


@app.command()
def rule(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    upheld: Annotated[bool, typer.Option("--upheld/--rejected", help="成立撤牌或驳回 / upheld or rejected.")],
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """申诉答复 / answer an objection: revoke the card, or reject with reasons."""
    do(KIND, number, "rule", officer, post, profile, as_json, reason=reason, upheld=upheld)


@app.command()
def confirm(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """确认发牌 / confirm what was proposed: it is issued and served."""
    do(KIND, number, "confirm", officer, post, profile, as_json, opinion=opinion)


@app.command()
def dismiss(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """不予确认 / dismiss what was proposed, with reasons."""
    do(KIND, number, "dismiss", officer, post, profile, as_json, reason=reason)


@app.command()
def accept(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """认可整改 / accept that it is put right and explained."""
    do(KIND, number, "accept_correction", officer, post, profile, as_json, reason=reason)


@app.command()
def reject(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """退回说明 / send an explanation back: it does not do."""
    do(KIND, number, "reject_correction", officer, post, profile, as_json, reason=reason)


@app.command()
def readdress(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    person: Annotated[str, typer.Option("--to", help="改送对象工号 / staff number of whose delay it was.")],
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """改送 / address the card to the person whose delay caused it."""
    do(KIND, number, "readdress", officer, post, profile, as_json, reason=reason, person=person)
