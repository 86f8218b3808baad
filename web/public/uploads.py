"""Files that come with an application: kept at once, tied to the matter when it is registered.

Between the two the form holds a signed ticket for each file and not its digest, which many may read in the
ledger: nobody ties to his matter what another handed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile

from ledger.db import Ledger
from schemas.errors import UsageError
from schemas.profile import Item
from starter.desk import Desk
from starter.file_tickets import file_for, ticket_for
from starter.files import MAX_FILE, Kept, keep_file
from web.public.application import Errors, Typed


async def keep_uploads(desk: Desk, item: Item, form: Mapping[str, Any], typed: Typed) -> Errors:
    """Keep the files sent with a page; their papers are ticked. Gives what is wrong, by field."""
    wrong: Errors = {}
    for material in item.materials:
        sent = form.get(f"upload.{material.code}")
        if not isinstance(sent, UploadFile) or not sent.filename:
            continue
        try:
            kept = await asyncio.to_thread(keep_file, desk.home, desk.ledger, sent.file, desk.now(), MAX_FILE)
        except UsageError as error:
            wrong[f"upload.{material.code}"] = error.message
            continue
        typed |= {
            f"has.{material.code}": "on",
            f"sha.{material.code}": kept.sha256,
            f"file.{material.code}": _plain(sent.filename),
            f"from.{material.code}": "",
        }
        typed.setdefault(f"pages.{material.code}", "1")
    return wrong


def with_tickets(ledger: Ledger, typed: Typed) -> Typed:
    """The answers as the browser gets them: tickets instead of digests."""
    return {
        name: ticket_for(ledger, _caller(typed), Kept(value, "", 0)) if _is_digest(name, value) else value
        for name, value in typed.items()
    }


def without_tickets(ledger: Ledger, typed: Typed) -> Typed:
    """The answers with the digests that this house gave tickets for, for this application."""

    def opened(ticket: str) -> str:
        try:
            return file_for(ledger, _caller(typed), ticket).sha256
        except UsageError:
            return ""

    return {name: opened(value) if _is_digest(name, value) else value for name, value in typed.items()}


def _caller(typed: Typed) -> str:
    """Whom a ticket is good for: this one application."""
    return f"form/{typed['token']}"


def _is_digest(name: str, value: str) -> bool:
    return name.startswith("sha.") and bool(value)


def _plain(name: str) -> str:
    """The last part of a file's name, printable and short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[-100:] or "file"
