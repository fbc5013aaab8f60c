"""What every operation of the API shares: who asks, within which scopes, page by page, and errors as problem+json."""

from __future__ import annotations

import base64
import hashlib
import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.security import HttpBearer

from yingcheng.errors import Conflict, InputError, NotAllowed, NotFound, WrongState, YingchengError
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import ApiToken, RememberedReply, User, digest_of
from yingcheng.web.pages import address_of
from yingcheng.web.permissions import PERMISSIONS, require

__all__ = [
    "Chunk",
    "Done",
    "RememberedWrites",
    "TokenAuth",
    "by",
    "chunk",
    "operation",
    "owner",
    "problem",
    "problem_of",
]

STATUS: dict[type[YingchengError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    WrongState: 409,
    InputError: 400,
}
MOST, USUAL = 200, 50
Operation = Callable[..., Any]
Row = TypeVar("Row", bound=models.Model)


def _token(request: HttpRequest) -> ApiToken | None:
    header = request.headers.get("Authorization", "")
    scheme, _blank, secret = header.partition(" ")
    return _by_secret(secret.strip()) if scheme.lower() == "bearer" else None


def _by_secret(secret: str) -> ApiToken | None:
    return (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(secret), withdrawn_at=None, expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )


class TokenAuth(HttpBearer):
    """``Authorization: Bearer yc_…``: a token that has not expired, of a person who may sign in."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:  # noqa: ARG002  # ninja's interface
        """The token, which then stands in ``request.auth``."""
        return _by_secret(token)


def owner(request: HttpRequest) -> User:
    """Whose token it is."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
    return token.user


def by(request: HttpRequest) -> Actor:
    """The one who acts: the owner of the token."""
    return Actor.of(owner(request), via="api", address=address_of(request))


def operation(action: str, scope: str = "") -> Callable[[Operation], Operation]:
    """Declare the right and the token's scope that an operation needs."""
    permission = PERMISSIONS[action]

    def declare(view: Operation) -> Operation:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not permission.public:
                token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja
                if scope and scope not in token.scopes:
                    raise NotAllowed(
                        _("令牌没有范围“{scope}”").format(scope=scope), remedy=_("请另建一个含这个范围的令牌。")
                    )
                require(by(request), action, anywhere=True)
            return view(request, *args, **kwargs)

        # ninja looks types up where a function was written, and this one was written here
        checked.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
        checked.action = action  # type: ignore[attr-defined]  # read by the test of the permission table
        return checked

    return declare


class Done(Schema):
    """What was done, in numbers."""

    done: dict[str, int | str]


class Chunk(Schema):
    """A part of a list. ``next`` is the cursor of the part after it; empty at the end."""

    items: list[Any]
    next: str = ""


def chunk(rows: models.QuerySet[Row], cursor: str, limit: int, *, falling: bool = False) -> tuple[list[Row], str]:
    """The rows after a cursor, by primary key, and the cursor after them: stable while rows are added.

    Raises:
        InputError: the cursor is none of ours.
    """
    limit = max(1, min(limit, MOST))
    if cursor:
        try:
            last = int(base64.urlsafe_b64decode(cursor.encode()).decode().removeprefix("pk:"))
            if not 0 <= last < 2**63:
                raise ValueError(cursor)
        except ValueError as error:
            raise InputError(_("游标无效"), where="cursor", remedy=_("请用上一次回复里的 next。")) from error
        rows = rows.filter(**{"pk__lt" if falling else "pk__gt": last})
    found = list(rows.order_by("-pk" if falling else "pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    after = base64.urlsafe_b64encode(f"pk:{found[-1].pk}".encode()).decode() if more else ""
    return found, after


def problem(
    status: int, code: str, title: str, *, detail: str = "", where: str = "", more: Sequence[Any] = ()
) -> HttpResponse:
    """RFC 9457, with the engine's code."""
    body = {
        "type": f"urn:yingcheng:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "where": where,
    }
    if more:
        body["errors"] = list(more)
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="yingcheng"'
    return response


def problem_of(error: YingchengError) -> HttpResponse:
    """An error of ours."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return problem(status, error.code, error.what, detail=error.remedy, where=error.where)


class RememberedWrites:
    """A write sent twice with the same ``Idempotency-Key`` is done once, and answered the same both times."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or repeat the answer."""
        key = request.headers.get("Idempotency-Key", "")
        if not key or not request.path.startswith("/api/v1/") or request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        token = _token(request)
        if token is None:
            return self.get_response(request)  # answers 401
        if len(key) > 100:
            return problem(400, "idempotency-key", _("Idempotency-Key 最多 100 个字符"))
        return self._once(request, token, key)

    def _once(self, request: HttpRequest, token: ApiToken, key: str) -> HttpResponse:
        asked = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
        with transaction.atomic():
            # Whoever comes second waits here until the first has ended, then finds its reply.
            reply, first = RememberedReply.objects.get_or_create(
                token=token, key=key, defaults={"request": asked, "status": 0, "body": b""}
            )
            if not first:
                if reply.request != asked:
                    return problem(422, "idempotency-key", _("这个 Idempotency-Key 已用于另一个请求"))
                headers = {**reply.headers, "Idempotent-Replayed": "true"}
                return HttpResponse(bytes(reply.body), status=reply.status, headers=headers)
            response = self.get_response(request)
            if response.status_code >= 500 or response.streaming:
                transaction.set_rollback(True)
                return response
            reply.status, reply.body = response.status_code, response.content
            reply.headers = {
                name: response.headers[name]
                for name in ("Content-Type", "ETag", "Location")
                if name in response.headers
            }
            reply.save()
        return response
