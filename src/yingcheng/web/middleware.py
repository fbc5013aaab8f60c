"""What holds for every request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from yingcheng.errors import Conflict, NotAllowed, NotFound, WrongState, YingchengError
from yingcheng.web.accounts.actions import note_sign_in
from yingcheng.web.accounts.models import ADMINISTRATORS, User
from yingcheng.web.accounts.passwords import must_change
from yingcheng.web.pages import actor

__all__ = ["STATUS", "ContentSecurityPolicy", "NoNul", "OurErrors", "SignedInRules"]

Next = Callable[[HttpRequest], HttpResponse]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STATUS: dict[type[YingchengError], int] = {NotFound: 404, NotAllowed: 403, Conflict: 409, WrongState: 409}
_FREE = ("/accounts/", "/static/", "/language/", "/healthz")
_SEEN, _STEP = "seen", 60


class NoNul:
    """PostgreSQL texts hold no NUL, and nobody means one: what carries it is refused before it is looked at."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that there is no such address."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponse(status=404)
        if request.content_type == "application/json" and b"\\u0000" in request.body:
            return HttpResponse(status=400)
        return self.get_response(request)


class ContentSecurityPolicy:
    """Scripts and styles come from our own files only; nobody frames us, unless a view says otherwise."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if isinstance(getattr(request, "user", None), User):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class SignedInRules:
    """Idle people are signed out; old passwords are changed; those who must have a second factor get one first."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or send the person to what has to be done first."""
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        now = timezone.now()
        if self._was_idle(request, now):
            note_sign_in(verb="timeout", user=user, by=actor(request))
            logout(request)
            messages.info(request, _("您有一段时间没有操作，已自动退出。"))
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/desk/")
        if not request.path.startswith(_FREE):
            if must_change(user, now):
                messages.warning(request, _("密码已到更换期限，请先设置新密码。"))
                return redirect("account_change_password")
            if self._needs_second_factor(user):
                messages.warning(request, _("请先设置二次验证（验证器应用或通行密钥）。"))
                return redirect("mfa_index")
        return self.get_response(request)

    def _was_idle(self, request: HttpRequest, now: datetime) -> bool:
        seen = request.session.get(_SEEN)
        if seen is not None and now.timestamp() - seen > settings.IDLE_EXIT.total_seconds():
            return True
        if seen is None or now.timestamp() - seen > _STEP:
            request.session[_SEEN] = now.timestamp()
        return False

    def _needs_second_factor(self, user: User) -> bool:
        if settings.SECOND_FACTOR == "optional":
            return False
        if settings.SECOND_FACTOR == "administrators" and not user.roles & set(ADMINISTRATORS):
            return False
        kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        return not Authenticator.objects.filter(user=user, type__in=kinds).exists()


class OurErrors:
    """Errors raised on purpose become pages that say what, and what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with the page of the error; anything else is our bug and goes on as it is."""
        if not isinstance(error, YingchengError):
            return None
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        came_from = request.headers.get("Referer", "")
        back = came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else ""
        return render(request, "errors/error.html", {"error": error, "status": status, "back": back}, status=status)
