"""Pages of ② for those who work on the list."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import NotFound, YingchengError
from yingcheng.intake.vocabulary import vocabulary
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.publish.opportunities import write_list
from yingcheng.publish.wording import origin
from yingcheng.web.accounts.models import Notice, Organisation
from yingcheng.web.audit.actions import record
from yingcheng.web.opportunities.actions import batches, collecting, editing, importing, merging
from yingcheng.web.opportunities.actions.access import find_batch, find_import, find_opportunity
from yingcheng.web.opportunities.actions.reviewing import review, rows_of
from yingcheng.web.opportunities.codec import decode
from yingcheng.web.opportunities.comparing import COMPARED, differences, shown
from yingcheng.web.opportunities.filters import OpportunityFilter
from yingcheng.web.opportunities.forms import (
    ORDER,
    BatchForm,
    ContactForm,
    ImportForm,
    LinkForm,
    OpportunityForm,
    SendBackForm,
)
from yingcheng.web.opportunities.models import (
    FIELD_LABELS,
    Batch,
    CollectionLink,
    ContactCard,
    DuplicateDecision,
    Import,
    ImportRow,
    Opportunity,
    Version,
)
from yingcheng.web.pages import actor, explain, page, person, said
from yingcheng.web.permissions import allows, cities_for, require

__all__: list[str] = []

_PAGE, _PREVIEW_PAGE = 50, 100
INLINE = ("name", "unit", "lead", "need", "tracks", "modes", "investment", "period", "region")


def _may(request: HttpRequest, batch: Batch) -> dict[str, bool]:
    """What the person may do in this batch, for the buttons."""
    names = ("opportunity.import", "opportunity.edit", "opportunity.merge", "opportunity.download", "contact.reveal",
             "batch.manage", "batch.publish")  # fmt: skip
    user = person(request)
    return {name.replace(".", "_"): allows(user, name, city_id=batch.city_id) for name in names}


# ---- the desk --------------------------------------------------------------------------------------------------------


@page("self.manage")
def desk(request: HttpRequest) -> HttpResponse:
    """What needs me today."""
    user = person(request)
    manages = cities_for(user, "batch.manage")
    publishes = cities_for(user, "batch.publish")
    confirms = cities_for(user, "organisation.confirm")
    context = {
        "notices": Notice.objects.filter(user=user, read_at=None)[:20],
        "imports": Import.objects.filter(batch__city__in=manages, status=Import.Status.READY).select_related("batch"),
        "returned": Batch.objects.filter(city__in=manages).exclude(returned=""),
        "working": Batch.objects.filter(city__in=manages, submitted_at=None).exclude(stage=Batch.Stage.EXPIRED)[:10],
        "submitted": Batch.objects.filter(city__in=publishes, submitted_at__isnull=False).select_related(
            "submitted_by"
        ),
        "waiting": Organisation.objects.filter(city__in=confirms, status=Organisation.Status.PENDING),
        "first_steps": allows(user, "city.create"),
        "stranger": not user.standings,
    }
    return render(request, "desk.html", context)


# ---- batches ---------------------------------------------------------------------------------------------------------


@page("opportunity.view")
def batch_list(request: HttpRequest) -> HttpResponse:
    """The batches of one's cities."""
    rows = (
        Batch.objects.visible_to(person(request))
        .select_related("city")
        .annotate(
            active=Count("opportunities", filter=Q(opportunities__state=Opportunity.State.ACTIVE)),
            ready=Count(
                "opportunities",
                filter=Q(opportunities__state=Opportunity.State.ACTIVE, opportunities__publishable=True),
            ),
        )
        .order_by("-created_at", "-pk")
    )
    may = allows(person(request), "batch.manage", anywhere=True)
    shown_page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    return render(request, "opportunities/batches.html", {"page": shown_page, "may_create": may})


@page("batch.manage", "GET", "POST")
def batch_create(request: HttpRequest) -> HttpResponse:
    """A new batch."""
    form = BatchForm(request.POST or None)
    cities = cities_for(person(request), "batch.manage")
    form.fields["city"].queryset = cities  # type: ignore[attr-defined]
    form.fields["city"].initial = cities.first()
    if request.method == "POST" and form.is_valid():
        try:
            batch = batches.create_batch(**form.cleaned_data, by=actor(request))
        except (YingchengError, ValidationError) as error:
            explain(form, error)
        else:
            return said(request, _("批次已建立，可以导入材料了。"), "batch", batch.pk)
    context = {"form": form, "title": _("新建批次"), "back": reverse("batches")}
    return render(request, "form.html", context, status=400 if form.errors else 200)


@page("opportunity.view")
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: its stage, its list, what is wrong, what was sent."""
    found = find_batch(batch_id, actor(request))
    narrowed = OpportunityFilter(request.GET or {"state": "active"}, queryset=found.opportunities.order_by("pk"))
    shown_page = Paginator(narrowed.qs, _PAGE).get_page(request.GET.get("page"))
    stages = list(Batch.Stage.choices)
    may = _may(request, found)
    links = CollectionLink.objects.filter(batch=found, withdrawn_at=None, expires_at__gt=timezone.now())
    context = {
        "batch": found,
        "page": shown_page,
        "filter": narrowed,
        "counts": dict(found.opportunities.values_list("state").annotate(Count("pk")).order_by()),
        "ready": found.opportunities.filter(state=Opportunity.State.ACTIVE, publishable=True).count(),
        "stages": [(value, label, value == found.stage) for value, label in stages],
        "moves": [(to, dict(stages)[to]) for to in batches.MOVES[found.stage]] if not found.submitted_at else [],
        "may_submit": found.stage in {Batch.Stage.DESENSITISING, Batch.Stage.UPDATING} and not found.submitted_at,
        "imports": found.imports.select_related("organisation", "uploaded_by")[:20],
        "links": links.select_related("organisation"),
        "duplicates": len(_open_groups(found)),
        "may": may,
        "send_back": SendBackForm(),
        "link_form": LinkForm(batch=found),
    }
    return render(request, "opportunities/batch.html", context)


@page("batch.manage", "POST")
def batch_advance(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Move a batch on."""
    found = batches.advance(batch_id=batch_id, to=request.POST.get("to", ""), by=actor(request))
    return said(request, _("批次已转到“{stage}”。").format(stage=found.get_stage_display()), "batch", batch_id)


@page("batch.manage", "POST")
def batch_submit(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Ask a reviewer."""
    batches.submit_for_approval(batch_id=batch_id, by=actor(request))
    return said(request, _("已送审，请等审核员签发。"), "batch", batch_id)


@page("batch.manage", "POST")
def batch_recall(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take it back from the reviewer."""
    batches.recall(batch_id=batch_id, by=actor(request))
    return said(request, _("已撤回送审。"), "batch", batch_id)


@page("batch.publish", "POST")
def batch_send_back(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The reviewer wants changes."""
    form = SendBackForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "title": _("退回修改"), "back": reverse("batch", args=[batch_id])}
        return render(request, "form.html", context, status=400)
    batches.send_back(batch_id=batch_id, reason=form.cleaned_data["reason"], by=actor(request))
    return said(request, _("已退回经办员。"), "batch", batch_id)


@page("batch.publish", "POST")
def batch_approve(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The reviewer signs and publishes."""
    done = batches.approve(batch_id=batch_id, by=actor(request))
    text = _("已发布：新增 {new} 条，更新 {changed} 条，撤下 {ended} 条；{held} 条未达发布条件。").format(
        new=done.new, changed=done.changed, ended=done.ended, held=done.held_back
    )
    return said(request, text, "batch", batch_id)


@page("batch.publish", "POST")
def batch_expire(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The batch is over."""
    count = batches.expire(batch_id=batch_id, by=actor(request))
    return said(request, _("批次已到期，{count} 条标为不再征集。").format(count=count), "batch", batch_id)


@page("batch.manage", "POST")
def batch_recheck(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Review again."""
    batches.recheck(batch_id=batch_id, by=actor(request))
    return said(request, _("正在重新核验。"), "batch", batch_id)


@page("opportunity.view")
def batch_checked(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Whether the review is done; asked by the page while it waits."""
    found = find_batch(batch_id, actor(request))
    response = render(request, "opportunities/_checked.html", {"batch": found})
    if found.is_checked:
        response.headers["HX-Refresh"] = "true"
    return response


@page("opportunity.download")
def batch_download(request: HttpRequest, batch_id: int, form: str) -> HttpResponse:
    """The list as workbook or Word document, in the engine's official form."""
    found = find_batch(batch_id, actor(request))
    require(actor(request), "opportunity.download", city_id=found.city_id)
    if form not in {"xlsx", "docx"}:
        raise NotFound(_("没有这种格式"), remedy=_("可选 xlsx 或 docx。"))
    today = timezone.localdate()
    listed = without_personal(review(found, rows_of(found), as_of=today))
    title = f"{found.city.name}场景机会清单　{found.name}"
    with tempfile.TemporaryDirectory() as folder:
        workbook, paper = write_list(
            listed, Path(folder), title=title, name=found.city.programme or found.city.name, as_of=today
        )
        content = (workbook if form == "xlsx" else paper).read_bytes()
    with transaction.atomic():
        record(actor(request), "batch.download", found, {"form": form}, city_id=found.city_id)
    return _file(f"{found.city.name}场景机会清单-{found.name}.{form}", content)


def _file(name: str, content: bytes, kind: str = "application/octet-stream") -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


# ---- links for departments -------------------------------------------------------------------------------------------


@page("batch.manage", "POST")
def link_give(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A link for one department; shown once."""
    found = find_batch(batch_id, actor(request))
    form = LinkForm(request.POST, batch=found)
    if not form.is_valid():
        context = {"form": form, "title": _("发填报链接"), "back": reverse("batch", args=[batch_id])}
        return render(request, "form.html", context, status=400)
    organisation = form.cleaned_data["organisation"]
    secret = collecting.give_link(batch_id=batch_id, organisation=organisation, by=actor(request))
    link = request.build_absolute_uri(reverse("need", args=[secret]))
    context = {"batch": found, "organisation": organisation, "link": link, "days": collecting.LINK_DAYS}
    return render(request, "opportunities/link.html", context)


@page("batch.manage", "POST")
def link_withdraw(request: HttpRequest, link_id: int) -> HttpResponse:
    """Stop a link."""
    found = CollectionLink.objects.visible_to(person(request)).filter(pk=link_id).first()
    collecting.withdraw_link(link_id=link_id, by=actor(request))
    return said(request, _("填报链接已停用。"), "batch", found.batch_id if found else 0)


# ---- one opportunity -------------------------------------------------------------------------------------------------


@page("opportunity.view")
def opportunity(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """One opportunity: fields, what is missing, where each came from, versions. The contact stays masked."""
    found = find_opportunity(opportunity_id, actor(request))
    whole = found.to_engine()
    cleaned = without_personal(whole)
    # People write numbers into texts and odd columns; who may not see contacts does not see those either.
    record_ = whole if allows(person(request), "contact.reveal", city_id=found.batch.city_id) else cleaned
    card = ContactCard.objects.filter(opportunity=found).first()
    values = [(name, FIELD_LABELS[name], shown(getattr(record_, name))) for name in ORDER]
    context = {
        "opportunity": found,
        "batch": found.batch,
        "values": [(name, label, text, name in found.edited) for name, label, text in values if text],
        "extra": record_.extra,
        "contact": shown(card.to_engine()) if card else "",
        "personal": cleaned != whole,
        "origin": origin(record_.sources),
        "merged": found.merged.all(),
        "versions": found.versions.all(),
        "may": _may(request, found.batch),
    }
    return render(request, "opportunities/opportunity.html", context)


@page("opportunity.edit", "GET", "POST")
def opportunity_edit(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """All fields at once."""
    found = find_opportunity(opportunity_id, actor(request))
    require(actor(request), "opportunity.edit", city_id=found.batch.city_id)
    form = OpportunityForm(request.POST or None, record=found.to_engine(), initial={"version": found.version})
    context: dict[str, Any] = {"form": form, "opportunity": found, "batch": found.batch}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            editing.edit(
                opportunity_id=opportunity_id,
                version=form.cleaned_data["version"],
                changes=form.changes(),
                by=actor(request),
            )
        except editing.EditConflict as conflict:
            context |= _conflict(form, conflict)
            status = 409
        except YingchengError as error:
            explain(form, error)
        else:
            return said(request, _("已保存。"), "opportunity", opportunity_id)
    return render(request, "opportunities/edit.html", context, status=400 if form.errors else status)


def _conflict(form: OpportunityForm, conflict: editing.EditConflict) -> dict[str, Any]:
    """The second editor sees both texts and decides; saving again counts from the version now seen."""
    data = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(conflict.version)
    form.data = data
    theirs = [
        (FIELD_LABELS[name], text, form[name].value()) for name, text in conflict.theirs.items() if name in form.fields
    ]
    return {"conflict": conflict, "theirs": theirs}


@page("opportunity.edit", "GET", "POST")
def opportunity_field(request: HttpRequest, opportunity_id: int, field: str) -> HttpResponse:
    """One field, edited in its place in the list."""
    found = find_opportunity(opportunity_id, actor(request))
    require(actor(request), "opportunity.edit", city_id=found.batch.city_id)
    if field not in INLINE:
        raise NotFound(_("没有这一栏"), remedy=_("请打开整条修改。"))
    initial = {"version": found.version}
    form = OpportunityForm(request.POST or None, record=found.to_engine(), only=[field], initial=initial)
    context: dict[str, Any] = {"form": form, "opportunity": found, "field": field, "label": FIELD_LABELS[field]}
    if request.method == "POST" and form.is_valid():
        try:
            row = editing.edit(
                opportunity_id=opportunity_id,
                version=form.cleaned_data["version"],
                changes=form.changes(),
                by=actor(request),
            )
        except editing.EditConflict as conflict:
            context |= _conflict(form, conflict)
        except YingchengError as error:
            explain(form, error)
        else:
            if request.headers.get("HX-Request"):
                return render(request, "opportunities/_cell.html", _cell(row, field))
            return redirect("batch", row.batch_id)
    template = "opportunities/_field.html" if request.headers.get("HX-Request") else "opportunities/field.html"
    return render(request, template, context)


def _cell(row: Opportunity, field: str) -> dict[str, Any]:
    value = shown(getattr(row.to_engine(), field))
    return {"row": row, "field": field, "label": FIELD_LABELS[field], "value": value, "editable": True}


@page("opportunity.edit", "POST")
def opportunity_desensitise(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Take numbers and addresses out of the texts."""
    version = _whole(request.POST.get("version"))
    editing.desensitise(opportunity_id=opportunity_id, version=version, by=actor(request))
    return said(request, _("正文里的电话和邮箱已隐去。"), "opportunity", opportunity_id)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


@page("opportunity.edit", "POST")
def opportunity_withdraw(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Take it off the list."""
    reason = request.POST.get("reason", "")[:300]
    editing.withdraw(opportunity_id=opportunity_id, reason=reason, by=actor(request))
    return said(request, _("已撤下；可以随时恢复。"), "opportunity", opportunity_id)


@page("opportunity.edit", "POST")
def opportunity_restore(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Put it back."""
    editing.restore(opportunity_id=opportunity_id, by=actor(request))
    return said(request, _("已恢复在列。"), "opportunity", opportunity_id)


@page("contact.reveal", "POST")
def contact_reveal(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Show the contact, once, with an entry in the trail."""
    revealed = editing.reveal_contact(opportunity_id=opportunity_id, by=actor(request))
    found = find_opportunity(opportunity_id, actor(request))
    contact = revealed.contact
    initial = {
        "version": found.version,
        "person": contact.person,
        "title": contact.title,
        "phones": "、".join(contact.phones),
        "emails": "、".join(contact.emails),
        "publishable": sorted(contact.publishable),
    }
    may_edit = allows(person(request), "opportunity.edit", city_id=found.batch.city_id)
    context = {
        "opportunity": found,
        "batch": found.batch,
        "contact": contact,
        "form": ContactForm(initial=initial),
        "may_edit": may_edit and found.batch.is_open_for_edits,
    }
    return render(request, "opportunities/contact.html", context)


@page("opportunity.edit", "POST")
def contact_edit(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Change the contact and what of it may be published."""
    found = find_opportunity(opportunity_id, actor(request))
    form = ContactForm(request.POST)
    if form.is_valid():
        editing.edit(
            opportunity_id=opportunity_id,
            version=form.cleaned_data["version"],
            changes={"contact": form.contact()},
            by=actor(request),
        )
        return said(request, _("联系人已保存。"), "opportunity", opportunity_id)
    context = {"opportunity": found, "batch": found.batch, "form": form, "may_edit": True}
    return render(request, "opportunities/contact.html", context, status=400)


@page("opportunity.view")
def version(request: HttpRequest, opportunity_id: int, number: int) -> HttpResponse:
    """What a published version changed against the one before."""
    found = find_opportunity(opportunity_id, actor(request))
    pair = list(Version.objects.filter(opportunity=found, number__in=[number - 1, number]).order_by("number"))
    if not pair or pair[-1].number != number:
        raise NotFound(_("没有这个版本"), remedy=_("请返回重新选择。"))
    now = decode(pair[-1].content)
    changes = differences(decode(pair[0].content), now) if len(pair) > 1 else []
    first = [(FIELD_LABELS[name], shown(getattr(now, name))) for name in COMPARED if shown(getattr(now, name))]
    context = {
        "opportunity": found,
        "version": pair[-1],
        "changes": [(FIELD_LABELS[c["field"]], c["before"], c["after"]) for c in changes],
        "first": [] if len(pair) > 1 else first,
    }
    return render(request, "opportunities/version.html", context)


# ---- imports ---------------------------------------------------------------------------------------------------------


@page("opportunity.import", "GET", "POST")
def import_new(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Upload a sender's file."""
    found = find_batch(batch_id, actor(request))
    require(actor(request), "opportunity.import", city_id=found.city_id)
    form = ImportForm(request.POST or None, request.FILES or None, batch=found)
    if request.method == "POST" and form.is_valid():
        try:
            source = importing.receive_import(
                batch_id=batch_id,
                upload=form.cleaned_data["file"],
                organisation=form.cleaned_data["organisation"],
                by=actor(request),
            )
        except YingchengError as error:
            explain(form, error)
        else:
            return redirect("import", source.pk)
    context = {"form": form, "batch": found}
    return render(request, "opportunities/import_new.html", context, status=400 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the preview."""

    row: ImportRow
    name: str
    unit: str
    changes: list[tuple[str, str, str, bool]]


@page("opportunity.import")
def import_preview(request: HttpRequest, import_id: int) -> HttpResponse:
    """What was read, what is wrong, and what would change."""
    source = find_import(import_id, actor(request))
    require(actor(request), "opportunity.import", city_id=source.batch.city_id)
    kinds: dict[str, int] = dict(source.rows.values_list("kind").annotate(Count("pk")).order_by())
    shown_page = Paginator(source.rows.all(), _PREVIEW_PAGE).get_page(request.GET.get("page"))
    lines = [
        _Line(
            row,
            row.record["name"],
            row.record["unit"],
            [(FIELD_LABELS[c["field"]], c["before"], c["after"], c["kept"]) for c in row.changes],
        )
        for row in shown_page
    ]
    fields = [(field.name, field.label) for field in vocabulary().kinds["opportunities"].fields]
    findings = sorted(source.findings, key=lambda f: ("error", "warning", "notice").index(f["severity"]))
    context = {
        "source": source,
        "batch": source.batch,
        "page": shown_page,
        "lines": lines,
        "kinds": [(label, kinds.get(value, 0)) for value, label in ImportRow.Kind.choices],
        "accepted": source.rows.filter(accepted=True).count(),
        "findings": findings[:200],
        "finding_count": len(findings),
        "fields": fields,
        "others": [table for table in source.report.get("tables", []) if table["kind"] not in {"opportunities", ""}],
    }
    return render(request, "opportunities/import.html", context)


@page("opportunity.import")
def import_waits(request: HttpRequest, import_id: int) -> HttpResponse:
    """Whether the file has been read; asked by the page while it waits."""
    source = find_import(import_id, actor(request))
    response = render(request, "opportunities/_waits.html", {"source": source})
    if source.status != Import.Status.WAITING:
        response.headers["HX-Refresh"] = "true"
    return response


@page("opportunity.import", "POST")
def import_apply(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take over the ticked rows of the page shown, and what was ticked on the others."""
    source = find_import(import_id, actor(request))
    on_page = {_whole(text) for text in request.POST.getlist("shown")}
    ticked = {_whole(text) for text in request.POST.getlist("row")}
    before = set(source.rows.filter(accepted=True).values_list("position", flat=True))
    importing.choose_rows(import_id=import_id, accepted=(before - on_page) | ticked, by=actor(request))
    if request.POST.get("then") != "apply":
        return redirect(f"{reverse('import', args=[import_id])}?page={_whole(request.POST.get('next')) or 1}")
    added, changed = importing.apply_import(import_id=import_id, by=actor(request))
    text = _("已采用：新增 {added} 条，更新 {changed} 条。").format(added=added, changed=changed)
    return said(request, text, "batch", source.batch_id)


@page("opportunity.import", "POST")
def import_map(request: HttpRequest, import_id: int) -> HttpResponse:
    """What the columns mean, put right by a person."""
    source = find_import(import_id, actor(request))
    known = {field.name for field in vocabulary().kinds["opportunities"].fields}
    pins = []
    for number, table in enumerate(source.report.get("tables", [])):
        columns = {}
        for place, column in enumerate(table["columns"]):
            given = request.POST.get(f"table{number}-column{place}", "")
            if given in known and column["header"]:
                columns[column["header"]] = given
        if columns:
            pins.append({"sheet": table["sheet"], "header_row": table["header_row"], "columns": columns})
    importing.correct_mapping(import_id=import_id, pins=pins, by=actor(request))
    return said(request, _("正在按您指定的对应关系重新读取。"), "import", import_id)


@page("opportunity.import", "POST")
def import_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Compare with what is there now."""
    importing.read_again(import_id=import_id, by=actor(request))
    return said(request, _("正在重新比对。"), "import", import_id)


@page("opportunity.import", "POST")
def import_discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take nothing over."""
    source = find_import(import_id, actor(request))
    importing.discard_import(import_id=import_id, by=actor(request))
    return said(request, _("已放弃这份文件，清单没有变化。"), "batch", source.batch_id)


@page("opportunity.import", "POST")
def import_errors(request: HttpRequest, import_id: int) -> HttpResponse:
    """The sender's workbook, marked, to be sent back."""
    name, content = importing.error_workbook(import_id=import_id, by=actor(request))
    return _file(name, content)


# ---- duplicates ------------------------------------------------------------------------------------------------------


def _open_groups(found: Batch) -> list[dict[str, Any]]:
    """Groups about which nothing has been decided yet. Once the batch has been checked again, they are gone anyway."""
    if not found.duplicates:
        return []
    ids = {pk for group in found.duplicates for pk in group["ids"]}
    active = set(found.opportunities.filter(pk__in=ids, state=Opportunity.State.ACTIVE).values_list("pk", flat=True))
    decided = {
        frozenset(pair) for pair in DuplicateDecision.objects.filter(batch=found).values_list("first_id", "second_id")
    }
    groups = []
    for group in found.duplicates:
        members = [pk for pk in group["ids"] if pk in active]
        pairs = (
            [
                (group["keep"] if group["keep"] in members else members[0], pk)
                for pk in members
                if pk != (group["keep"] if group["keep"] in members else members[0])
            ]
            if members
            else []
        )
        pairs = [pair for pair in pairs if frozenset(pair) not in decided]
        if pairs:
            groups.append({**group, "pairs": pairs})
    return groups


@page("opportunity.view")
def duplicates(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Entries that look like the same scenario, side by side."""
    found = find_batch(batch_id, actor(request))
    groups = _open_groups(found)
    pairs = [(pair, group["similarity"]) for group in groups for pair in group["pairs"]]
    shown_page = Paginator(pairs, 10).get_page(request.GET.get("page"))
    ids = {pk for pair, _share in shown_page for pk in pair}
    rows = found.opportunities.select_related("card", "organisation").in_bulk(ids)
    sides = []
    clear = allows(person(request), "contact.reveal", city_id=found.city_id)
    for (keep_id, copy_id), share in shown_page:
        keep, copy = rows[keep_id], rows[copy_id]
        one, other = keep.to_engine(keep.card.to_engine()), copy.to_engine(copy.card.to_engine())
        if not clear:
            one, other = without_personal(one), without_personal(other)
        fields = []
        for name in COMPARED:
            left, right = shown(getattr(one, name)), shown(getattr(other, name))
            if left or right:
                fields.append((name, FIELD_LABELS[name], left, right, getattr(one, name) != getattr(other, name)))
        sides.append({"keep": keep, "copy": copy, "share": round(100 * share), "fields": fields})
    merged = found.opportunities.filter(state=Opportunity.State.MERGED).select_related("merged_into")
    context = {"batch": found, "page": shown_page, "sides": sides, "merged": merged, "may": _may(request, found)}
    return render(request, "opportunities/duplicates.html", context)


@page("opportunity.merge", "POST")
def merge(request: HttpRequest, opportunity_id: int, copy_id: int) -> HttpResponse:
    """Put two together; the first stands for both."""
    found = find_opportunity(opportunity_id, actor(request))
    take = [name for name in request.POST.getlist("take") if name in COMPARED]
    merging.merge(keep_id=opportunity_id, copy_id=copy_id, take=take, by=actor(request))
    return said(request, _("已核并；可以在本页下方撤销。"), "duplicates", found.batch_id)


@page("opportunity.merge", "POST")
def apart(request: HttpRequest, opportunity_id: int, copy_id: int) -> HttpResponse:
    """They are two."""
    found = find_opportunity(opportunity_id, actor(request))
    merging.keep_apart(one_id=opportunity_id, other_id=copy_id, by=actor(request))
    return said(request, _("已记为两个场景，不再提示。"), "duplicates", found.batch_id)


@page("opportunity.merge", "POST")
def unmerge(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Take them apart again."""
    found = find_opportunity(opportunity_id, actor(request))
    merging.undo_merge(copy_id=opportunity_id, by=actor(request))
    return said(request, _("已撤销核并，两条都在列。"), "duplicates", found.batch_id)
