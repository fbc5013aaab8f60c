"""The API: one NinjaAPI, a router per step."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as BadRequest

from yingcheng.errors import YingchengError
from yingcheng.web.accounts.api import router as accounts
from yingcheng.web.audit.api import router as audit
from yingcheng.web.opportunities.api import public
from yingcheng.web.opportunities.api import router as opportunities
from yingcheng.web.rest import TokenAuth, problem, problem_of

__all__ = ["api"]

api = NinjaAPI(
    title="营城 API",
    version="1",
    description="与页面相同的操作与权限。令牌在“我的令牌”建立；写操作可带 Idempotency-Key；错误为 problem+json。",
    auth=TokenAuth(),
    urls_namespace="api",
)
api.add_router("", opportunities, tags=["opportunities"])
api.add_router("/public", public, tags=["public"])
api.add_router("", accounts, tags=["people"])
api.add_router("", audit, tags=["audit"])


@api.exception_handler(YingchengError)
def _ours(_request: HttpRequest, error: YingchengError) -> HttpResponse:
    return problem_of(error)


@api.exception_handler(ValidationError)
def _refused(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(422, "invalid", "；".join(error.messages), more=error.messages)


@api.exception_handler(BadRequest)
def _unreadable(_request: HttpRequest, error: BadRequest) -> HttpResponse:
    faults: list[Any] = [
        {"where": "/".join(map(str, fault.get("loc", ()))), "what": str(fault.get("msg", ""))} for fault in error.errors
    ]
    return problem(422, "invalid", _("请求内容有误"), more=faults)


@api.exception_handler(AuthenticationError)
def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, "not-signed-in", _("需要有效的令牌"), detail=_("请在请求头带 Authorization: Bearer 令牌。"))


@api.exception_handler(Http404)
def _nothing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, "not-found", _("没有这一项"))


@api.exception_handler(HttpError)
def _other(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "invalid", str(error))
