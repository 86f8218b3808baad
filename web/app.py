"""The web application: the HTTP API and the pages over one desk."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from schemas.errors import YangguangError
from starter.api.problems import on_error
from starter.api.router import PREFIX, router
from starter.desk import Desk
from web.pages import STATIC
from web.routes import ROUTERS


def make_app(desk: Desk) -> FastAPI:
    """The application that serves one home."""
    app = FastAPI(
        title="阳光 / Yangguang",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk
    app.add_exception_handler(YangguangError, on_error)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(router)
    for each in ROUTERS:
        app.include_router(each, include_in_schema=False)
    return app
