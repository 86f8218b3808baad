"""`yangguang profile`: whether rules may govern, which there are, and what they say.

For the clerk who maintains the rules: every mistake is named with its file and key, and every
comparison that could not be made is said aloud, so that silence means agreement.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.dry_run import dry_run
from cli.output import JsonOption, print_json, print_table
from rules.checks import UNITS, Problem
from schemas.clocks import Limit
from schemas.profile import Fee, Item, ItemType, Profile
from starter.rulebook import examine, item_of, list_profiles, load_profile, skipped_comparisons

app = typer.Typer(help="规则版本 / rule profiles.", no_args_is_help=True)
app.command("dry-run")(dry_run)

RulesOption = Annotated[
    Path | None, typer.Option("--rules", help="自有规则的目录 / folder that holds your own profiles.")
]

TYPES = {
    ItemType.INSTANT: "即办件",
    ItemType.PROMISED: "承诺件",
    ItemType.JOINT: "联办件",
    ItemType.FORWARDED: "上报件",
    ItemType.INTERNAL: "依职权",
}


@app.command("check")
def check_command(
    names: Annotated[list[str] | None, typer.Argument(help="规则版本 / profiles; default: all.")] = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> None:
    """检查规则版本 / check profiles; exit code 2 if one may not govern."""
    found = {name: examine(name, rules) for name in names or list_profiles(rules)}
    if json:
        print_json({"profiles": [_document(name, *result) for name, result in found.items()]})
    else:
        for name, result in found.items():
            _print_check(name, *result)
    if any(problems for _, problems in found.values()):
        raise typer.Exit(2)


@app.command("list")
def list_command(rules: RulesOption = None, json: JsonOption = False) -> None:
    """列出规则版本 / list the profiles."""
    found = {name: examine(name, rules) for name in list_profiles(rules)}
    if json:
        print_json({"profiles": [_summary(name, *result) for name, result in found.items()]})
        return
    columns = ("名称 / name", "版本 / version", "施行 / effective", "事项 / items", "sha256", "状态 / state")
    print_table(columns, [_row(name, *result) for name, result in found.items()])


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="规则版本 / profile.")] = "current",
    item: Annotated[str | None, typer.Option(help="只看一个事项 / one item, as LX-DJ-01.")] = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> None:
    """显示事项与时限 / show the items and their limits."""
    profile = load_profile(name, rules)
    chosen = item_of(profile, item) if item else None
    if json:
        print_json(chosen or profile)
    elif chosen:
        _print_item(chosen)
    else:
        _print_items(profile)


def _document(name: str, profile: Profile | None, problems: list[Problem]) -> dict[str, object]:
    skipped = skipped_comparisons(profile) if profile else []
    return _summary(name, profile, problems) | {"problems": problems, "skipped": skipped}


def _summary(name: str, profile: Profile | None, problems: list[Problem]) -> dict[str, object]:
    return {
        "name": name,
        "ok": not problems,
        "version": profile and profile.version,
        "effective_from": profile and profile.effective_from,
        "items": profile and len(profile.items),
        "sha256": profile and profile.sha256,
    }


def _row(name: str, profile: Profile | None, problems: list[Problem]) -> tuple[object, ...]:
    if profile is None:
        return name, "", "", "", "", f"不可用：{len(problems)} 处 / {len(problems)} problems"
    state = "可用 / fit"
    return name, profile.version, profile.effective_from, len(profile.items), profile.sha256[:12], state


def _print_check(name: str, profile: Profile | None, problems: list[Problem]) -> None:
    if profile is None:
        print(f"{name}: {len(problems)} 处问题 / problems")
        for problem in problems:
            print(f"  {problem}")
        return
    print(f"{name}: 可用 / fit to govern, {len(profile.items)} 个事项 / items, sha256 {profile.sha256}")
    for skipped in skipped_comparisons(profile):
        print(f"  未比较 / not compared: {skipped.key}: {skipped.reason}")


def _print_items(profile: Profile) -> None:
    columns = (
        "编码 / code",
        "事项 / item",
        "类型 / type",
        "受理 / acceptance",
        "承诺 / promise",
        "法定 / statute",
        "延期 / extension",
        "环节 / stages",
        "收费 / fee",
    )
    title = f"{profile.id} {profile.version}（{profile.effective_from} 起施行 / in force from）"
    print_table(columns, [_item_row(item) for item in profile.items], title=title)


def _item_row(item: Item) -> tuple[object, ...]:
    return (
        item.code,
        f"{item.name} / {item.name_en}",
        f"{TYPES[item.type]} / {item.type}",
        _limit(item.acceptance),
        _limit(item.promise),
        _limit(item.statutory),
        item.extension_max or "–",
        " ".join(f"{stage.code}{stage.limit.n}" for stage in item.stages),
        _fee(item.fee),
    )


def _print_item(item: Item) -> None:
    print(f"{item.code} {item.name} / {item.name_en}（{TYPES[item.type]} / {item.type}）")
    print(f"依据 / basis: {'；'.join(item.basis)}")
    named = {
        "受理 / acceptance": item.acceptance,
        "承诺 / promise": item.promise,
        "法定 / statute": item.statutory,
        "送达 / delivery": item.delivery,
    }
    rows = [(name, _limit(limit), limit.basis if limit else "") for name, limit in named.items()]
    for stage in item.stages:
        name = f"{stage.code} {stage.name} / {stage.name_en} [{stage.post}]"
        rows.append((name, _limit(stage.limit), stage.limit.basis))
    print_table(("时限 / limit", "长度 / length", "依据 / basis"), rows)
    papers = [
        (paper.code, f"{paper.name} / {paper.name_en}", "可容缺 / may follow" if paper.may_follow else "")
        for paper in item.materials
    ]
    if papers:
        print_table(("材料 / paper", "名称 / name", ""), papers)
    print(f"收费 / fee: {_fee(item.fee)} {item.fee.basis}")
    if item.extension_max:
        print(f"延期 / extension: {item.extension_max} {item.extension_basis}")


def _limit(limit: Limit | None) -> str:
    return "–" if limit is None else f"{limit.n} {UNITS[limit.unit]} / {limit.unit.replace('_', ' ')}s"


def _fee(fee: Fee) -> str:
    if fee.max_fen is None:
        return "–"
    return f"≤ {fee.max_fen / 100:.2f} 元 / yuan" if fee.max_fen else "零收费 / free"
