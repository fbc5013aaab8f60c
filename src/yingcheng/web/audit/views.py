"""The trail as pages."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yingcheng.web.audit.actions import record, verify
from yingcheng.web.audit.filters import EntryFilter
from yingcheng.web.audit.models import Entry
from yingcheng.web.pages import actor, page, person
from yingcheng.web.permissions import allows

__all__ = ["trail", "verification"]

_PAGE = 50


@page("audit.view")
def trail(request: HttpRequest) -> HttpResponse:
    """The entries the person may read, newest first, narrowed by who, what and when."""
    narrowed = EntryFilter(request.GET, queryset=Entry.objects.visible_to(person(request)))
    shown = Paginator(narrowed.qs, _PAGE).get_page(request.GET.get("page"))
    context = {"page": shown, "filter": narrowed, "may_verify": allows(person(request), "audit.verify")}
    return render(request, "audit/trail.html", context)


@page("audit.verify", "POST")
def verification(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say what was found."""
    head = request.POST.get("head", "").strip()
    found = verify(expected=[head] if head else [])
    with transaction.atomic():
        record(actor(request), "audit.verify", None, {"sound": found.sound, "head": found.head}, title=_("审计链"))
    return render(request, "audit/verification.html", {"verdict": found, "head": head})
