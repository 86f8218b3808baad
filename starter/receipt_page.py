"""The receipt as a page to print: one file, nothing fetched, its document inside.

The page is made from the document alone. Whoever checks a page makes it once more and compares, so that no
printed word can differ from what is proven. The template therefore belongs to the document's format and
is never changed: another wording is another format with a template of its own.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ledger.receipt import MAX_BYTES, ReceiptError, parse_receipt, verify_receipt
from ledger.receipt_words import STANDINGS, proves, proves_not
from schemas.receipts import ReceiptDocument

FIELDS = {
    "name": ("姓名", "name"),
    "id_number": ("证件号", "identity number"),
    "phone": ("电话", "phone"),
    "address": ("地址", "address"),
    "topic": ("咨询内容", "question"),
}
"""What the personal fields are called."""

_DOCUMENT = re.compile(rb'<script type="application/json" id="receipt">\n(.*?)\n</script>', re.DOTALL)
_QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


def write_document(document: ReceiptDocument) -> str:
    """The document as a file."""
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def write_page(document: ReceiptDocument) -> str:
    """The page of a document. Raises ReceiptError for one that does not hold."""
    proven = verify_receipt(document)
    shape, zh, en = STANDINGS[proven.standing]
    note = document.proof.tlog_proof.partition("\n\n")[2] if document.proof else ""
    return _template().render(
        receipt=document,
        standing={"shape": shape, "zh": zh, "en": en},
        proves=proves(proven),
        proves_not=proves_not(proven),
        fields=[(FIELDS.get(each.name, (each.name, each.name)), each.value) for each in document.openings],
        note=note,
        qr=_qr(document),
        document=_embedded(document),
    )


def read_receipt(raw: bytes) -> ReceiptDocument:
    """The document of a file, JSON or page. Raises ReceiptError for anything else.

    A page must be, byte for byte, the one that its document makes (`receipt_page`).
    """
    if raw.lstrip()[:1] != b"<":
        return parse_receipt(raw)
    if len(raw) > 2 * MAX_BYTES:
        raise ReceiptError(f"文件过大 / a page of {len(raw)} bytes", code="receipt_format")
    found = _DOCUMENT.findall(raw)
    if len(found) != 1:
        raise ReceiptError("不是回执 / this page holds no receipt", code="receipt_format")
    document = parse_receipt(found[0])
    if write_page(document).encode() != raw:
        raise ReceiptError(
            "页面文字与所附数据不符 / the words of the page are not those its document makes",
            code="receipt_page",
        )
    return document


def _qr(document: ReceiptDocument) -> Markup:
    """Number, leaf hash and how to check, as an SVG; the lookup code is not in it."""
    told = f"{document.number}\n{document.entry.leaf_hash}\nyangguang receipt verify FILE"
    rows = tuple(segno.make(told, error="m", micro=False).matrix)
    size = len(rows) + 2 * _QUIET
    dots = "".join(
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return Markup(
        f'<svg class="qr" role="img" aria-label="QR" viewBox="0 0 {size} {size}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
        f'<path d="{dots}"/></svg>'
    )


def _embedded(document: ReceiptDocument) -> Markup:
    """The document for a script element, which ends at the first `</`."""
    text = write_document(document).rstrip("\n")
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("receipt-1.html")
