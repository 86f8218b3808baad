"""Pages, one file a part of the house; `ROUTERS` is what the application serves."""

from __future__ import annotations

from fastapi import APIRouter

from web.routes import home

ROUTERS: tuple[APIRouter, ...] = (home.router,)
