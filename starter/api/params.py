"""Parameters that several routes share, with what they may be."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

NUMBER = r"^[0-9A-Za-z._-]{1,120}$"
CODE = r"^[0-9A-Za-z-]{1,40}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
SHA256 = r"^[0-9a-f]{64}$"

Number = Annotated[
    str, Path(pattern=NUMBER, description="件号 / number of the matter", examples=["LX-2026-000001"])
]
Code = Annotated[
    str | None,
    Query(
        pattern=CODE,
        description="查询码；未登录者须有 / lookup code, for whoever is not signed in",
        examples=["7KQ2M9XRTB"],
    ),
]
