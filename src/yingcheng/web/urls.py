"""All addresses."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.i18n import set_language

from yingcheng.web.accounts.urls import urlpatterns as accounts
from yingcheng.web.accounts.views import forgot
from yingcheng.web.api import api
from yingcheng.web.audit.urls import urlpatterns as audit
from yingcheng.web.installation import is_healthy
from yingcheng.web.opportunities.urls import urlpatterns as opportunities
from yingcheng.web.pages import page

__all__ = ["urlpatterns"]


@page("public.view")
def healthz(_request: HttpRequest) -> HttpResponse:
    """For monitors: 200 while the database answers and its tables are up to date; says nothing else."""
    sound = is_healthy()
    return JsonResponse({"status": "ok" if sound else "unhealthy"}, status=200 if sound else 503)


set_language.action = "public.view"  # type: ignore[attr-defined]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("accounts/password/reset/", forgot, name="account_reset_password"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("api/v1/", api.urls),
    *opportunities,
    *accounts,
    *audit,
]
