"""`yangguang ledger verify`: whether the ledger holds, and how far the proof reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from cli import context
from cli.output import JsonOption, print_json, print_table, progress
from ledger.anchors.timestamps import load_roots
from ledger.notes.note import MAX_BYTES
from ledger.notes.policy import MAX_POLICY_BYTES, Policy, parse_policy
from ledger.report import Failure, Label, Report, Span
from ledger.verify import TIMEOUT, verify_url
from schemas.errors import UsageError, VerificationError

SHOWN = 20
"""Failures told to a person; `--json` tells up to a thousand."""

_WORDS = {
    Label.ANCHORED: "✔ 外部见证 / anchored",
    Label.SIGNED_ONLY: "✔ 仅本机构签名 / signed only",
    Label.UNSIGNED: "✘ 未全部签名 / not all signed",
    Label.UNSEALED: "✘ 未全部封存 / not all sealed",
    Label.FAILED: "✘ 不成立 / failed",
}
_LESS = (
    "说明：以上只证明总账与自身及自己的密钥相符；数据库与密钥同时落入一人之手时，改写不会被发现。"
    "请用外部保存的检查点 (--note) 和策略 (--policy) 核对"
    " / this proves less: that the log agrees with itself and with its own key. Whoever holds database and"
    " key could have rewritten both; check against a note kept elsewhere (--note) and a policy (--policy)."
)

_RANGE = (
    "范围 range",
    "从 from",
    "至 to",
    "条数 entries",
    "首条时间 first recorded",
    "末条时间 last recorded",
)
_FAILURE = ("检查 check", "件号 case", "序 seq", "位置 index", "大小 size", "记录 id", "说明 detail")

Files = Annotated[
    list[Path] | None,
    typer.Option("--note", help="外部保存的检查点，可多次 / a note kept outside; may be repeated."),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="策略文件 / policy: whose signatures count, how many witnesses."),
]
Roots = Annotated[
    list[Path] | None,
    typer.Option(
        "--tsa-root", help="时间戳机构根证书 PEM，可多次 / root of a time-stamp authority; repeatable."
    ),
]


def verify_command(
    note: Files = None,
    policy: PolicyFile = None,
    tsa_root: Roots = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="进程数 / processes that share the work.")
    ] = None,
    timeout: Annotated[
        int, typer.Option(min=1, help="超时秒数，超时即不通过 / seconds; what takes longer has failed.")
    ] = int(TIMEOUT.total_seconds()),
    as_json: JsonOption = False,
) -> None:
    """核对总账 / check every entry, chain, tree and signature; exit code 3 when anything does not hold."""
    believed = parse_policy(_read(policy, MAX_POLICY_BYTES)) if policy else None
    notes = [_read(each, MAX_BYTES) for each in note or ()]
    roots = _trusted(tsa_root, believed)
    with progress("核对 / verifying") as advance:
        report = verify_url(
            context.database_url(),
            advance,
            notes=notes,
            policy=believed,
            roots=roots,
            processes=processes,
            timeout=timedelta(seconds=timeout),
        )
    if as_json:
        print_json(report)
        if not report.verified:
            raise typer.Exit(VerificationError.exit_code)
        return
    _print(report, alone=not (notes or believed))
    if not report.verified:
        raise VerificationError(f"总账核对不通过 / the ledger does not hold: {_why(report)}")


def _trusted(given: Sequence[Path] | None, policy: Policy | None) -> list[Certificate]:
    """Roots by hand, or those in the home that the policy names; nothing is trusted for lying there."""
    if given:
        return [each for path in given for each in load_roots(_read(path, MAX_BYTES))]
    named = {each.fingerprint for each in policy.authorities} if policy else set()
    files = sorted((context.home().keys / "tsa").glob("*.pem")) if named else []
    found = [each for path in files for each in load_roots(_read(path, MAX_BYTES))]
    return [each for each in found if each.fingerprint(SHA256()).hex() in named]


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a file, one more than the limit at most, so that whoever reads them sees it passed."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}: 无法读取 / cannot be read: {error.strerror}", code="unreadable") from None


def _print(report: Report, *, alone: bool) -> None:
    print(_sentence(report))
    print_table(_RANGE, [row for row in _ranges(report) if row[3]])
    if report.redacted:
        print(f"依法遮蔽 / redacted on record: {report.redacted} 项密封 / sealed fields")
    if not report.time_rules:
        print("模拟时间，不核对时间 / simulated time: recorded times were not held against checkpoints")
    if report.tokens_unchecked:
        print(f"{report.tokens_unchecked} 枚时间戳缺根证书 / time-stamps not checked: no trusted root given")
    for sentence in report.missing:
        print(f"缺 / missing: {sentence}")
    if report.failures:
        print_table(_FAILURE, [_place(failure) for failure in report.failures[:SHOWN]])
    elif alone and report.verified:
        print(_LESS)


def _sentence(report: Report) -> str:
    verdict = "核对通过 / verified" if report.verified else "核对不通过 / NOT verified"
    return (
        f"{verdict} [{_WORDS[report.label]}]: {report.entries} 条记录 / entries, {report.cases} 件 / cases,"
        f" {report.openings} 项密封 / sealed fields, {report.checkpoints} 检查点 / checkpoints,"
        f" {report.notes} 外部检查点 / notes, {report.tokens} 时间戳 / time-stamps ({report.origin or '-'})"
    )


def _ranges(report: Report) -> list[tuple[object, ...]]:
    return [
        _range("外部见证 anchored", report.anchored),
        _range("仅签名 signed only", report.signed_only),
        _range("未签名 unsigned", report.unsigned),
        _range("未封存 unsealed", report.unsealed),
    ]


def _range(name: str, span: Span) -> tuple[object, ...]:
    return name, span.first, span.last, span.count, span.first_recorded, span.last_recorded


def _place(failure: Failure) -> tuple[object, ...]:
    return (
        failure.check,
        failure.case,
        failure.seq,
        failure.index,
        failure.size,
        (failure.id or "")[:16],
        failure.detail,
    )


def _why(report: Report) -> str:
    if report.failure_count:
        return f"{report.failure_count} 处 / failures, {min(report.failure_count, SHOWN)} 处列出 / shown"
    return "; ".join(report.missing)
