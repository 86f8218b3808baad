"""The web application: the HTTP API and the pages over one desk."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from starter.api.idempotency import Idempotency
from starter.api.openapi import describe
from starter.api.routes import PREFIX, router
from starter.api.trouble import Trouble
from starter.desk import Desk
from starter.identity.entering import Entering
from starter.identity.errors import SignInNeededError
from starter.identity.keys import desk_keys
from starter.identity.oidc import provider_of
from starter.identity.systems import Systems
from web.errors import crash_page
from web.errors import install as install_errors
from web.pages import STATIC
from web.routes import ROUTERS
from web.routes.sign_in import on_sign_in_needed
from web.routes.sign_in_provider import flow_cookie
from web.security import Safely, csrf_checked


def make_app(desk: Desk) -> FastAPI:
    """The application that serves one home."""
    app = FastAPI(
        title="阳光 / Yangguang",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(csrf_checked)],
    )
    app.state.desk, app.state.keys = desk, desk_keys(desk.home)
    # The last one added is the outermost: whoever asks is known before his key is looked up.
    app.add_middleware(Idempotency)
    app.state.provider = provider_of(desk.home)
    systems = Systems(app.state.provider) if app.state.provider else None
    app.add_middleware(Entering, desk=desk, keys=app.state.keys, bearer=systems)
    if app.state.provider:
        app.add_middleware(SessionMiddleware, **flow_cookie(desk.home, app.state.keys))
    app.add_middleware(Trouble, page=crash_page)
    app.add_middleware(Safely, desk=desk)
    app.add_exception_handler(SignInNeededError, on_sign_in_needed)
    install_errors(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(router)
    for each in ROUTERS:
        app.include_router(each, include_in_schema=False)
    describe(app)
    return app
