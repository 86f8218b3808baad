"""Help in one place (WCAG 3.2.6): lamps, codes, shortcuts, the accessibility statement."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from starter.identity.guard import Area, allow
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

SHORTCUTS = (
    ("j / k", ("下一条、上一条", "next, previous")),
    ("Enter", ("打开", "open")),
    ("x", ("选中", "select")),
    ("/", ("查找", "search")),
    ("f", ("筛选", "filter")),
    ("n", ("批注", "note")),
    ("u", ("返回列表", "back to the list")),
    ("g i", ("待办", "inbox")),
    ("g s", ("督查", "supervision")),
    ("?", ("显示快捷键", "show the shortcuts")),
    ("Ctrl + Enter", ("进入复核步骤", "go to the review step")),
)
"""Keys and what they do (product 4.3)."""


@router.get("/help")
async def help_page(request: Request) -> Response:
    """How to use this desk."""
    return page(request, "help.html", shortcuts=SHORTCUTS)
