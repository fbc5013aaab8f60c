"""The public portal: what is published, without sign-in; and the form behind a department's link."""

from __future__ import annotations

import json
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from yingcheng.errors import NotFound, YingchengError
from yingcheng.opportunities.disclosure import reach_through
from yingcheng.publish.ocds import package_of
from yingcheng.publish.opportunities import published_csv
from yingcheng.web.middleware import POLICY
from yingcheng.web.opportunities.actions import collecting
from yingcheng.web.opportunities.comparing import shown
from yingcheng.web.opportunities.forms import NeedForm
from yingcheng.web.opportunities.models import FIELD_LABELS, Facet, Publication
from yingcheng.web.opportunities.opendata import DETAIL, as_open_data, json_ld
from yingcheng.web.pages import address_of, explain, not_too_often, page

__all__: list[str] = []

_PAGE, _FEED, _EMBED = 20, 50, 10
_FACETS = {"track": "赛道", "region": "区域", "size": "规模", "mode": "合作方式"}


def _narrowed(query: QueryDict) -> QuerySet[Publication]:
    """The publications that the address asks for: words and kinds of facet narrow, values of one kind widen."""
    rows = Publication.objects.all()
    if query.get("open", "1") == "1":
        rows = rows.filter(ended="").exclude(closes_on__lt=timezone.localdate())
    if query.get("city"):
        rows = rows.filter(city__name=query["city"])
    for word in query.get("q", "").split()[:8]:
        rows = rows.filter(text__icontains=word)
    for kind in _FACETS:
        if values := [value for value in query.getlist(kind) if value]:
            rows = rows.filter(pk__in=Facet.objects.filter(kind=kind, value__in=values).values("publication"))
    return rows


def _facets(rows: QuerySet[Publication], query: QueryDict) -> list[dict[str, Any]]:
    counted = (
        Facet.objects.filter(publication__in=rows.order_by().values("pk"))
        .values_list("kind", "value")
        .annotate(count=Count("pk"))
        .order_by("kind", "-count", "value")
    )
    there: dict[str, list[tuple[str, int, bool]]] = {kind: [] for kind in _FACETS}
    for kind, value, count in counted:
        if kind in there:
            there[kind].append((value, count, value in query.getlist(kind)))
    labels = {"track": _("赛道"), "region": _("区域"), "size": _("规模"), "mode": _("合作方式")}
    return [{"kind": kind, "label": labels[kind], "values": values[:30]} for kind, values in there.items() if values]


@page("public.view")
def portal(request: HttpRequest) -> HttpResponse:
    """Search what is published."""
    rows = _narrowed(request.GET)
    shown_page = Paginator(rows.select_related("version", "city"), _PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": shown_page,
        "entries": [(publication, publication.record) for publication in shown_page],
        "facets": _facets(rows, request.GET),
        "query": request.GET.get("q", ""),
        "only_open": request.GET.get("open", "1") == "1",
        "kept": kept.urlencode(),
    }
    return render(request, "portal/list.html", context)


def _published(reference: str) -> Publication:
    found = Publication.objects.select_related("version", "city").filter(reference=reference).first()
    if found is None:
        raise NotFound(_("没有这个场景机会"), remedy=_("可能已经撤下，请到门户首页搜索。"))
    return found


@page("public.view")
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One published opportunity."""
    publication = _published(reference)
    record = publication.record
    address = request.build_absolute_uri(reverse("published", args=[reference]))
    closed = publication.closes_on is not None and publication.closes_on < timezone.localdate()
    context = {
        "publication": publication,
        "record": record,
        "values": [(FIELD_LABELS[name], shown(getattr(record, name))) for name in DETAIL if getattr(record, name)],
        "reach": reach_through(record),
        "json_ld": mark_safe(json_ld(publication, record, address)),  # noqa: S308  # escaped above
        "address": address,
        "ended": publication.ended or (_("时限已过") if closed else ""),
    }
    return render(request, "portal/detail.html", context)


def _feed(request: HttpRequest, kind: type[SyndicationFeed]) -> HttpResponse:
    feed = kind(
        title=_("场景机会清单"),
        link=request.build_absolute_uri(reverse("portal")),
        description=_("最新发布与更新的场景机会"),
        language="zh-CN",
        feed_url=request.build_absolute_uri(),
    )
    for publication in _narrowed(request.GET).select_related("version")[:_FEED]:
        record = publication.record
        link = request.build_absolute_uri(reverse("published", args=[publication.reference]))
        feed.add_item(
            title=_xml(record.name),
            link=link,
            unique_id=f"{link}#v{publication.version.number}",
            description=_xml(record.need or record.summary),
            pubdate=publication.first_published_at,
            updateddate=publication.published_at,
            categories=record.tracks,
            author_name=_xml(record.unit),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=kind.content_type)  # type: ignore[attr-defined]  # missing in the stubs


def _xml(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or ord(sign) >= 32)


@page("public.view")
def atom(request: HttpRequest) -> HttpResponse:
    """The latest, as Atom."""
    return _feed(request, Atom1Feed)


@page("public.view")
def rss(request: HttpRequest) -> HttpResponse:
    """The latest, as RSS."""
    return _feed(request, Rss201rev2Feed)


@page("public.view")
def download(request: HttpRequest, form: str) -> HttpResponse:
    """All that the search shows, as CSV, JSON or OCDS."""
    rows = list(_narrowed(request.GET).select_related("version", "city"))
    records = [publication.record for publication in rows]
    today = timezone.localdate()
    if form == "csv":
        return _download("csv", published_csv(records), "text/csv; charset=utf-8")
    if form == "json":
        entries = [
            as_open_data(one, record, request.build_absolute_uri(reverse("published", args=[one.reference])))
            for one, record in zip(rows, records, strict=True)
        ]
        text = json.dumps({"opportunities": entries}, ensure_ascii=False, indent=1)
        return _download("json", text.encode(), "application/json")
    if form == "ocds.json":
        city = rows[0].city if rows else None
        publisher = (city.programme or city.name) if city else ""
        package = package_of(records, [], batch="", publisher=publisher, as_of=today)
        return _download(form, json.dumps(package, ensure_ascii=False, indent=1).encode(), "application/json")
    raise NotFound(_("没有这种格式"), remedy=_("可选 csv、json、ocds.json。"))


def _download(form: str, content: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="opportunities.{form}"'
    response.headers["Access-Control-Allow-Origin"] = "*"  # open data
    return response


@xframe_options_exempt
@page("public.view")
def embed(request: HttpRequest) -> HttpResponse:
    """The latest entries, to be framed by other sites: no forms, no sign-in."""
    rows = _narrowed(request.GET).select_related("city")[:_EMBED]
    response = render(request, "portal/embed.html", {"entries": rows})
    response.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
    return response


@page("public.view", "GET", "POST")
def need(request: HttpRequest, secret: str) -> HttpResponse:
    """A department's need: questions, check the answers, a receipt."""
    link = collecting.find_link(secret, timezone.now())
    form = NeedForm(request.POST or None)
    context: dict[str, Any] = {"link": link, "form": form}
    if request.method != "POST" or not form.is_valid() or request.POST.get("step") == "change":
        return render(request, "portal/need.html", context, status=400 if form.errors and request.POST else 200)
    found = form.record(link.organisation.name, link.batch.city.name)
    if request.POST.get("step") != "send":
        names = ("name", "unit", "tracks", "need", "modes", "investment", "period", "region")
        context["answers"] = [
            (FIELD_LABELS[name], shown(getattr(found, name))) for name in names if getattr(found, name)
        ]
        context["contact"] = found.contact
        return render(request, "portal/need_check.html", context)
    not_too_often(request, "need", "60/h/ip")
    try:
        row = collecting.submit_need(secret=secret, need=found, address=address_of(request))
    except YingchengError as error:
        explain(form, error)
        return render(request, "portal/need.html", context, status=409)
    return render(request, "portal/need_done.html", {"row": row, "link": link})
