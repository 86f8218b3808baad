"""Failures as pages: one sentence saying what happened and what to do, never a traceback.

The API has problems of its own (`starter.api.problems`); everything else that fails ends here, in the
visitor's language and inside the frame, so that he is never stranded.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from schemas.errors import YangguangError
from starter.api.handlers import is_api, on_http_error
from starter.api.handlers import on_invalid as on_invalid_call
from starter.api.problems import on_error as on_error_of_call
from starter.api.problems import problem_of
from web.pages import page

TITLES = {
    400: "填写有误",
    401: "请先登录",
    403: "不能这样办理",
    404: "没有这个页面",
    405: "没有这种请求",
    409: "与已有记录冲突",
    412: "内容已有变化",
    413: "内容过大",
    422: "填写有误",
    415: "不收这种文件",
    429: "请求过于频繁",
    500: "系统出错",
    503: "暂时不能办理",
    202: "已收到，尚未记录完毕",
}
"""Headings by status, as msgids."""

ADVICE = {
    404: "网址可能有误，或者该事项不对您公开。",
    405: "请从页面上的按钮提交。",
    413: "请压缩文件或者分次提交。",
    429: "请稍后再试。",
    500: "问题已记录。请稍后再试；已提交的内容以回执为准。",
    503: "办理引擎或者数据库暂时联系不上。查询页面仍可使用；再次提交同一份表单不会重复登记。",
    202: "请稍候刷新；再次提交不会重复登记。",
}
"""What to do, as msgids."""


def install(app: FastAPI) -> None:
    """Give the application its error pages."""
    app.add_exception_handler(YangguangError, on_error)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)


def error_page(request: Request, status: int, message: str = "", code: str = "") -> Response:
    """The page of a failure."""
    title = TITLES.get(status, TITLES[500])
    # A pending act is no success of the page: the browser is told to come back.
    shown = 503 if status == 202 else status
    made = page(
        request,
        "error.html",
        status=shown,
        heading=title,
        message=message,
        advice=ADVICE.get(status, ""),
        code=code,
    )
    if shown in (429, 503):
        made.headers["Retry-After"] = "5"
    return made


async def on_error(request: Request, error: Exception) -> Response:
    """An error of this house."""
    assert isinstance(error, YangguangError)
    if is_api(request):
        return await on_error_of_call(request, error)
    problem = problem_of(error, request.url.path)
    if problem.status == 401:
        return RedirectResponse(f"/sign-in?next={quote(_back(request), safe='')}", 303)
    made = error_page(request, problem.status, problem.detail, problem.code)
    made.headers.update(getattr(error, "headers", None) or {})
    return made


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework refuses: no such page, no such method, too much."""
    assert isinstance(error, HTTPException)
    if is_api(request):
        return await on_http_error(request, error)
    made = error_page(request, error.status_code)
    made.headers.update(error.headers or {})
    return made


async def on_invalid(request: Request, error: Exception) -> Response:
    """A form that lacks a field no browser leaves out."""
    assert isinstance(error, RequestValidationError)
    if is_api(request):
        return await on_invalid_call(request, error)
    return error_page(request, 422)


def crash_page(request: Request, status: int, trace: str) -> Response:
    """A mistake of ours, or a database out of reach; what went wrong is in the log under `trace`."""
    return error_page(request, status, f"编号 {trace} / id {trace}")


def _back(request: Request) -> str:
    """Where to go on after signing in: a form cannot be sent again, its page can."""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query
