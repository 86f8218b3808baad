"""`yangguang deadline explain`: the limits of an item, worked out day by day, without any engine."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import JsonOption, print_json, print_table
from rules.explain import CLOCKS, LAMPS, Explanation
from schemas.clocks import ClockKind
from schemas.profile import Item
from starter.deadlines import (
    Told,
    calendar_of,
    check_extension,
    clocks,
    day_of,
    document,
    explained,
    given,
    notes,
)
from starter.rulebook import item_of, load_profile

app = typer.Typer(help="时限 / limits and due dates.", no_args_is_help=True)


@app.callback()
def deadline() -> None:
    """时限 / limits and due dates."""


@app.command("explain")
def explain_command(
    item: Annotated[str, typer.Option(help="事项编码 / item code, as LX-DJ-01.")],
    accepted: Annotated[str, typer.Option(help="受理日 / day of acceptance, YYYY-MM-DD.")],
    received: Annotated[str | None, typer.Option(help="收件日 / day of receipt.")] = None,
    suspend: Annotated[
        list[str] | None,
        typer.Option(help="停表 起..止，止可空 / suspended S..R, or S.. while it lasts; may be repeated."),
    ] = None,
    extend: Annotated[int, typer.Option(min=0, help="延期 / extension, in the limit's own unit.")] = 0,
    approved: Annotated[str | None, typer.Option(help="延期批准日 / day the extension was approved.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="该日的灯色 / show lamp and days left on this day.")
    ] = None,
    profile: Annotated[str, typer.Option(help="规则版本 / rule profile.")] = "current",
    json: JsonOption = False,
) -> None:
    """逐日说明应办结日 / explain due dates day by day."""
    rules = load_profile(profile)
    found = item_of(rules, item)
    days = given(accepted, received, suspend or (), extend, approved)
    day = day_of("--as-of", as_of) if as_of else None
    calendar = calendar_of(rules, [*days.days(), *([day] if day else [])])
    check_extension(found, days, calendar)
    told = explained(clocks(found, days), calendar, rules, day)
    if json:
        print_json(document(rules, found, calendar, told, days.accepted))
    else:
        _print(found, told, notes(told, days.accepted))


def _print(item: Item, told: Told, said: dict[ClockKind, str]) -> None:
    print(f"{item.code} {item.name} / {item.name_en}")
    for kind, clock in told.items():
        print()
        if clock:
            _print_clock(clock)
        if kind in said:
            print(f"{' / '.join(CLOCKS[kind])}: {said[kind]}")


def _print_clock(clock: Explanation) -> None:
    print(clock.text_zh)
    print(clock.text_en)
    if clock.lamp is not None:
        zh, en = LAMPS[clock.lamp]
        print(f"灯 / lamp: {zh} / {en}; 剩余 / left: {clock.left}")
    columns = ("日期 / day", "第几日 / n", "说明 / why")
    rows = ((day.day, day.n if day.counted else "", f"{day.zh} / {day.en}") for day in clock.days)
    print_table(columns, rows)
