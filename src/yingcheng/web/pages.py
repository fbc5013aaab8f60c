"""What every page shares: the right it needs, who asks, and where it goes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yingcheng.errors import WrongState, YingchengError
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import User
from yingcheng.web.permissions import PERMISSIONS, require

__all__ = ["actor", "address_of", "explain", "not_too_often", "page", "person", "said"]

View = Callable[..., HttpResponse]


def address_of(request: HttpRequest) -> str:
    """Where the request came from; behind a proxy what the proxy says (see ``YINGCHENG_BEHIND_PROXY``)."""
    from allauth.account.adapter import get_adapter  # noqa: PLC0415  # its module reads settings on import

    return str(get_adapter().get_client_ip(request) or "")


def not_too_often(request: HttpRequest, action: str, rate: str) -> None:
    """Refuse what one address does too often, e.g. ``10/h/ip``; only counts what is sent, not what is looked at."""
    from allauth.core.internal.ratelimit import consume  # noqa: PLC0415  # as above

    if not consume(request, app="yingcheng", action=action, config={action: rate}):
        raise WrongState(_("操作太频繁"), remedy=_("请过一小时再试。"))


def person(request: HttpRequest) -> User:
    """The signed-in person. Pages that are public never ask."""
    if not isinstance(request.user, User):
        raise RuntimeError("the page is public, there may be nobody")
    return request.user


def actor(request: HttpRequest) -> Actor:
    """The one who acts."""
    if isinstance(request.user, User):
        return Actor.of(request.user, address=address_of(request))
    return Actor(None, "访客", "web", address_of(request))


def page(action: str, *methods: str) -> Callable[[View], View]:
    """Declare the right that a view needs: signed out → sign-in, stranger → 404, without the right → 403."""
    permission = PERMISSIONS[action]

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not permission.public:
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                require(actor(request), action, anywhere=True)
            return view(request, *args, **kwargs)

        known = require_http_methods(methods or ("GET", "HEAD"))(checked)
        known.action = action  # type: ignore[attr-defined]  # read by the test of the permission table
        return known

    return declare


def said(request: HttpRequest, text: str, to: Any, *args: Any) -> HttpResponseRedirect:
    """Tell the person what was done and show a page."""
    messages.success(request, text)
    return redirect(to, *args)


def explain(form: BaseForm, error: YingchengError | ValidationError) -> None:
    """Put what a verb refused where the person can see it: into the form."""
    if isinstance(error, ValidationError):
        known = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        for field, texts in known.items():
            for text in texts:
                form.add_error(field if field in form.fields else None, text)
    else:
        form.add_error(None, f"{error.what}。{error.remedy}" if error.remedy else error.what)
