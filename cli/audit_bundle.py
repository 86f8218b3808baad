"""`yangguang audit bundle` and `verify-bundle`: the evidence as files, and their check anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli import context
from cli.matter import ViewerOption
from cli.output import JsonOption, print_json, print_table, progress
from ledger.bundle.check import check_bundle
from ledger.bundle.layout import Manifest
from ledger.bundle.report import BundleReport, Stamp
from ledger.bundle.write import write_bundle
from ledger.db import connect, snapshot
from ledger.notes import Policy, parse_policy
from schemas.errors import NotPermittedError, UsageError, VerificationError
from starter.home import Home
from starter.seen_bundle import SeenBundles, write_extract, write_extracts

SHOWN = 20
"""Failures told to a person; `--json` tells up to a thousand."""


def bundle(
    out: Annotated[Path, typer.Option(help="新目录 / new folder to write.")],
    case: Annotated[str | None, typer.Argument(help="件号 / number of one matter.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="整个日志 / the whole log.")] = False,
    openings: Annotated[
        bool, typer.Option("--openings", help="含密封字段原文（个人信息） / with sealed fields in clear.")
    ] = False,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """导出证据包 / write the evidence as files that strangers verify with tools that are not ours."""
    if (case is None) is not whole:
        raise UsageError("请给出件号或 --all / name a matter, or --all")
    if viewer and openings:
        raise NotPermittedError(
            "密封字段不随查看权限开放 / sealed fields are outside everybody's sight: reading one is an act",
            code="sealed",
        )
    policy, roots = _trusted(context.home())
    if viewer:
        _bundle_for(viewer, out, policy, roots, case, as_json)
        return
    with _log() as connection, progress("导出 / writing") as advance:
        manifest = write_bundle(
            connection, out, policy, roots=roots, case=case, openings=openings, advance=advance
        )
    _tell(manifest, out, as_json)


def _bundle_for(
    viewer: str, out: Path, policy: Policy, roots: list[bytes], case: str | None, as_json: bool
) -> None:
    """What one person may see: one extract, or one of each matter."""
    with (
        context.looking(viewer, "audit bundle", case or "") as eyes,
        _log() as connection,
        progress("导出 / writing") as advance,
    ):
        if case is not None:
            manifest = write_extract(connection, out, policy, eyes, case, roots=roots, advance=advance)
        else:
            written = write_extracts(connection, out, policy, eyes, roots=roots, advance=advance)
    if case is not None:
        _tell(manifest, out, as_json)
    elif as_json:
        print_json(written.model_dump() | {"folder": str(out)})
    else:
        _tell_left_out(written, out)


@contextmanager
def _log() -> Iterator[Connection]:
    """One consistent view of the ledger, which it never changes."""
    engine = connect(context.database_url(), read_only=True)
    try:
        with snapshot(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _trusted(home: Home) -> tuple[Policy, list[bytes]]:
    policy = parse_policy(_policy_file(home).read_bytes())
    return policy, [path.read_bytes() for path in sorted((home.keys / "tsa").glob("*.pem"))]


def _tell_left_out(written: SeenBundles, out: Path) -> None:
    print(f"已写入 / written: {out} ({len(written.folders)} 件 / matters, 各一包 / a bundle each)")
    kinds = ", ".join(written.left_out) or "无 / none"
    print(f"以下种类不能全见，不可见者未列 / of these kinds what is not yours to see is left out: {kinds}")


def _tell(manifest: Manifest, out: Path, as_json: bool) -> None:
    if as_json:
        print_json(
            manifest.model_dump(exclude={"files"}) | {"files": len(manifest.files), "folder": str(out)}
        )
        return
    print(f"已写入 / written: {out} ({len(manifest.files)} 个文件 / files, {manifest.size} 条记录 / entries)")
    if manifest.later:
        print(
            f"其后 {manifest.later} 条尚未签名，不在包内 / {manifest.later} later entries are not signed yet"
        )


def verify_bundle(
    folder: Annotated[Path, typer.Argument(help="证据包目录 / folder of the bundle.")],
    policy: Annotated[
        Path | None, typer.Option(help="您自己的验证策略 / your own copy of the policy file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """核对证据包 / check a bundle; needs no server, no database and no home. Exit code 3 when it fails."""
    own = parse_policy(_read(policy)) if policy is not None else None
    with progress("核对 / verifying") as advance:
        report = check_bundle(folder, own, advance)
    if as_json:
        print_json(report)
        if not report.verified:
            raise typer.Exit(VerificationError.exit_code)
        return
    print_table(("项目 what", "结果 found"), _rows(report))
    if not report.verified:
        failures = [(each.check, each.place, each.detail) for each in report.failures[:SHOWN]]
        print_table(("检查 check", "位置 place", "说明 detail"), failures)
        raise VerificationError(
            f"证据包不成立 / the bundle does not hold: {report.failure_count} 处 / failures"
        )
    for line in _reservations(report):
        print(line)


def _policy_file(home: Home) -> Path:
    path = home.keys / "policy"
    if not path.exists():
        raise UsageError(f"缺验证策略 / no policy file {path}: run `yangguang ledger seal` first")
    return path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} 无法读取 / cannot be read: {error.strerror}") from error


_DOES_NOT_HOLD = "✗ 不成立 / DOES NOT HOLD"


def _verdict(report: BundleReport) -> str:
    if not report.verified:
        return _DOES_NOT_HOLD
    if report.own_policy:
        return "○ 仅自洽 / consistent in itself, under keys that came with it"
    return "✓ 成立 / holds" if report.anchored else "○ 仅签名 / holds, signed only: no witness is asked for"


def _reservations(report: BundleReport) -> Iterator[str]:
    """What the verdict does not say, and a reader might think it does."""
    if not report.same_policy:
        yield "包内策略与您的不同，以您的为准 / the policy in the bundle is not yours; yours was applied"
    if not report.own_guide:
        yield (
            "README.md 非本版本所写，未经证明：勿照其命令运行 / README.md is not what this version writes, "
            "and nothing proves it: do not run its commands unread"
        )
    if report.simulated:
        yield (
            "包自称时间为模拟：记录时间未与检查点核对 / the bundle says that its times are simulated: "
            "recorded times were not held against the checkpoints"
        )
    if report.case is not None:
        yield "摘录不能证明没有遗漏 / an extract does not prove that nothing is missing: see the whole log"
    if report.own_policy:
        yield "密钥取自包内：仅证明前后一致 / keys were taken from the bundle itself: pass your own --policy"


def _stamp(stamp: Stamp) -> str:
    return f"{stamp.time:%Y-%m-%d %H:%M:%S} UTC (前 {stamp.size} 条 / first {stamp.size} entries)"


def _rows(report: BundleReport) -> list[tuple[str, object]]:
    if not report.origin:  # nothing of it was believed
        return [("结论 / verdict", _DOES_NOT_HOLD)]
    scope = "整个日志 / the whole log" if report.case is None else f"摘录 / extract: {report.case}"
    return [
        ("结论 / verdict", _verdict(report)),
        ("日志 / log", report.origin),
        ("范围 / scope", scope),
        ("检查点 / checkpoint", f"{report.size} 条 / entries"),
        ("签名 / signed by", ", ".join(report.signed_by)),
        ("联署 / cosigned by", ", ".join(report.cosigned_by) or "无 / nobody"),
        ("时间戳 / time-stamps", ", ".join(map(_stamp, report.stamped)) or "无 / none"),
        ("已核对记录 / entries checked", report.entries),
        ("链 / chains", report.chains),
        ("检查点数 / checkpoints", report.checkpoints),
        ("披露字段 / openings", report.openings),
        ("历史 / histories", report.histories),
    ]
