"""`yangguang receipt`: what the applicant holds in his hand, and what it proves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import context
from cli.output import JsonOption, print_json, print_table, shown
from ledger.db import connect, snapshot
from ledger.notes import Policy, parse_policy
from ledger.receipt import MAX_BYTES, Proven, ReceiptError, verify_receipt
from ledger.receipt_words import NOTHING_YET, STANDINGS, proves, proves_not
from schemas.errors import UsageError
from schemas.receipts import ReceiptDocument
from starter.home import write_private
from starter.receipt_page import FIELDS, read_receipt, write_document, write_page
from starter.receipt_promise import check_promise
from starter.receipts import issue

app = typer.Typer(help="回执 / receipts.", no_args_is_help=True)

PROMISE = (
    "承诺日期 {day} 按登记所载规则重新推算，结果一致。",
    "The promised date, {day}, follows once more from the rules that the entry names.",
)
NO_PROMISE = (
    "承诺日期 {day} 未能重新推算：登记所载的规则或日历不在本机。",
    "The promised date, {day}, was not derived again: the rules or the calendar are not on this machine.",
)


@app.callback()
def root() -> None:
    """回执 / receipts."""


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="件号 / number of the matter.")],
    code: Annotated[str, typer.Option(help="查询码 / lookup code.")],
    html: Annotated[Path | None, typer.Option(help="存为可打印页面 / write the page to print.")] = None,
    out: Annotated[Path | None, typer.Option(help="存为 JSON / write the document as JSON.")] = None,
    as_json: JsonOption = False,
) -> None:
    """出具回执 / give the applicant's receipt, with all the proof there is by now."""
    policy = _own_policy()
    engine = connect(context.database_url(), read_only=True)
    try:
        with snapshot(engine) as connection:
            document = issue(connection, number, code, policy)
    finally:
        engine.dispose()
    if html:
        _write(html, write_page(document))
    if out:
        _write(out, write_document(document))
    if as_json:
        print_json(document)
    elif not (html or out):
        _print(document)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="回执文件，JSON 或页面 / receipt, JSON or page.")],
    policy: Annotated[
        Path | None, typer.Option(help="另行取得的密钥文件 / policy file, got by another way.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """核对回执 / check a receipt without server, database or network; exit code 3 unless it holds."""
    trusted = _policy(policy) if policy else None
    document = read_receipt(_read(file, 2 * MAX_BYTES))
    proven = verify_receipt(document, trusted)
    derived = check_promise(document, proven.event["data"])
    if proven.checked is None:
        raise ReceiptError(" / ".join(NOTHING_YET), code="receipt_unsigned")
    if as_json:
        print_json(_document(proven, derived))
        return
    print(_verdict(proven))
    _print_sentences("证明 / proves", (*proves(proven), *_promise(document, derived)))
    _print_sentences("不证明 / does not prove", proves_not(proven))


def _own_policy() -> Policy | None:
    file = context.home().policy
    return _policy(file) if file.exists() else None


def _policy(file: Path) -> Policy:
    return parse_policy(_read(file, MAX_BYTES))


def _read(file: Path, limit: int) -> bytes:
    """The bytes of a file, one more than the limit at most, so that the limit is seen to be passed."""
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{file} 无法读取 / cannot be read: {error.strerror}", code="unreadable") from None


def _write(file: Path, text: str) -> None:
    try:
        write_private(file, text)
    except OSError as error:
        raise UsageError(
            f"{file} 无法写入 / cannot be written: {error.strerror}", code="unwritable"
        ) from None


def _print(document: ReceiptDocument) -> None:
    proven = verify_receipt(document)
    promise = document.promise
    rows: list[tuple[object, object]] = [
        ("件号 number", document.number),
        ("查询码 lookup code", document.lookup_code),
        ("收件日 day of receipt", document.received.day),
        ("承诺办结 promised by", promise.day if promise else "-"),
        *((" ".join(FIELDS.get(each.name, (each.name,))), each.value) for each in document.openings),
        ("登记哈希 leaf hash", document.entry.leaf_hash),
    ]
    print(_verdict(proven))
    print_table(("项目 item", "内容 content"), rows)
    if promise:
        print(f"{promise.zh}\n{promise.en}")
        days = ((day.day, day.n if day.counted else "", f"{day.zh} / {day.en}") for day in promise.days)
        print_table(("日期 / day", "第几日 / n", "说明 / why"), days)
    _print_sentences("证明 / proves", proves(proven))
    _print_sentences("不证明 / does not prove", proves_not(proven))


def _verdict(proven: Proven) -> str:
    shape, zh, en = STANDINGS[proven.standing]
    return f"{shape} {shown(proven.document.number)} {zh} / {en}"


def _print_sentences(title: str, sentences: tuple[tuple[str, str], ...]) -> None:
    print(f"\n{title}:")
    for zh, en in sentences:
        print(f"  - {shown(zh)}\n    {shown(en)}")


def _promise(document: ReceiptDocument, derived: bool) -> tuple[tuple[str, str], ...]:
    if document.promise is None:
        return ()
    zh, en = PROMISE if derived else NO_PROMISE
    day = document.promise.day
    return ((zh.format(day=day), en.format(day=day)),)


def _document(proven: Proven, derived: bool) -> dict[str, Any]:
    checked, document = proven.checked, proven.document
    signed = (*checked.log, *checked.cosignatures) if checked else ()
    return {
        "verified": True,
        "number": document.number,
        "standing": proven.standing,
        "keys_from": "policy" if proven.outside else "receipt",
        "leaf_hash": document.entry.leaf_hash,
        "log": document.proof,
        "signatures": [{"key": str(each.key), "at": each.at} for each in signed],
        "fields": {"opened": len(proven.openings), "sealed": proven.sealed},
        "redacted": document.redaction is not None,
        "promise": {"day": document.promise.day, "derived": derived} if document.promise else None,
        "proves": [{"zh": zh, "en": en} for zh, en in (*proves(proven), *_promise(document, derived))],
        "proves_not": [{"zh": zh, "en": en} for zh, en in proves_not(proven)],
    }
