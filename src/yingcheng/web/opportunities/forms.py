"""Forms of ②. What people type is read by the engine, as in a sender's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yingcheng.opportunities import Contact, Opportunity
from yingcheng.standards.contacts import read_contact
from yingcheng.standards.dates import parse_period
from yingcheng.standards.money import parse_money
from yingcheng.standards.regions import find_region
from yingcheng.standards.text import clean, split_values
from yingcheng.standards.tracks import TRACKS
from yingcheng.web.accounts.models import City, Organisation
from yingcheng.web.opportunities.comparing import shown
from yingcheng.web.opportunities.models import FIELD_LABELS, Batch
from yingcheng.web.uploads import ACCEPTED

__all__ = [
    "BatchForm",
    "ContactForm",
    "ImportForm",
    "LinkForm",
    "NeedForm",
    "OpportunityForm",
    "SendBackForm",
    "given_values",
]

SIZES = ("综合性重大场景", "行业领域集成式场景", "高价值小切口场景")
CONSENT = (("person", _("姓名、职务")), ("phone", _("电话")), ("email", _("邮箱")))
_LONG = (
    "summary",
    "pain",
    "need",
    "technology",
    "foundation",
    "resources",
    "expected",
    "acceptance",
    "asks",
    "progress",
)
_SHORT = ("name", "number", "kind", "unit", "lead", "funding", "status", "follower", "link", "references")
_SPLIT = ("domains", "modes", "qualifications", "candidates")
_READ = ("investment", "period", "region")
ORDER = (
    "name", "unit", "lead", "tracks", "size", "kind", "domains", "summary", "pain", "need", "technology", "foundation",
    "resources", "expected", "acceptance", "modes", "qualifications", "asks", "investment", "funding", "period",
    "region",     "number", "references", "candidates", "status", "progress", "follower", "link", "max_meetings",
)  # fmt: skip
_LONGEST = 20_000


class OpportunityForm(forms.Form):
    """Any of the fields of an opportunity, but not the contact: that is shown by itself, with an entry in the trail."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Opportunity, only: Iterable[str] = ORDER, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        for name in only:
            self.fields[name] = _field(name)
            self.initial[name] = _initial(record, name)

    def changes(self) -> dict[str, Any]:
        """Field → new value, for the fields that were changed."""
        return {
            field: value
            for name in self.changed_data
            if name != "version"
            for field, value in given_values(name, self.cleaned_data[name], within=_city_path(self.record)).items()
        }


def _city_path(record: Opportunity) -> str:
    return record.region.path if record.region else ""


def _field(name: str) -> forms.Field:
    label = FIELD_LABELS[name]
    if name == "tracks":
        return forms.MultipleChoiceField(
            label=label,
            choices=[(track, track) for track in TRACKS],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    if name == "size":
        choices = [("", _("未填")), *((size, size) for size in SIZES)]
        return _OrAsSent(label=label, choices=choices, required=False)
    if name == "max_meetings":
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=10_000)
    if name in _LONG:
        return forms.CharField(label=label, required=False, max_length=_LONGEST, widget=forms.Textarea({"rows": 3}))
    help_text = {
        "domains": _("多个用顿号隔开"),
        "modes": _("多个用顿号隔开，如：采购、联合建设"),
        "qualifications": _("多个用顿号隔开"),
        "candidates": _("多个用顿号隔开；不公开"),
        "investment": _("如：约3.5亿元、3000-5000万元、面议"),
        "period": _("如：2026年底前、2026-2027、长期"),
        "region": _("如：小店区"),
    }.get(name, "")
    return forms.CharField(
        label=label, required=name == "name", max_length=300 if name == "name" else 2_000, help_text=help_text
    )


class _OrAsSent(forms.ChoiceField):
    """A choice that also takes what the sender wrote."""

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= 100

    def prepare_value(self, value: Any) -> Any:
        known = [key for key, _label in self.choices]  # type: ignore[misc, union-attr]
        if value and value not in known:
            self.choices = [*self.choices, (value, value)]  # type: ignore[misc]
        return value


def _initial(record: Opportunity, name: str) -> Any:
    value = getattr(record, name)
    if name == "tracks":
        return list(value)
    if name == "max_meetings":
        return value
    if name == "region":
        return record.region_text or shown(value)
    if name in {"investment", "period"}:
        return value.text if value is not None else ""
    return shown(value)


def given_values(name: str, value: Any, *, within: str = "") -> dict[str, Any]:
    """What a form field says, as fields of the engine's record."""
    if name == "tracks":
        return {"tracks": tuple(track for track in TRACKS if track in value)}
    if name == "max_meetings":
        return {name: value}
    text = clean(value)
    if name in _SPLIT:
        return {name: split_values(text)}
    if name == "investment":
        return {name: parse_money(text) if text else None}
    if name == "period":
        return {name: parse_period(text) if text else None}
    if name == "region":
        found = find_region(text, within=within).region or find_region(text).region if text else None
        return {"region": found, "region_text": text}
    return {name: text}


class ContactForm(forms.Form):
    """A contact, and what of it may be published. Nothing may unless ticked."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.CharField(label=_("姓名"), max_length=100, required=False)
    title = forms.CharField(label=_("职务"), max_length=100, required=False)
    phones = forms.CharField(label=_("电话"), max_length=200, required=False, help_text=_("多个用顿号隔开"))
    emails = forms.CharField(label=_("邮箱"), max_length=200, required=False)
    publishable = forms.MultipleChoiceField(
        label=_("本人同意公开"), choices=CONSENT, required=False, widget=forms.CheckboxSelectMultiple
    )

    def contact(self) -> Contact:
        """The engine's record of what was typed."""
        given = self.cleaned_data
        return Contact(
            given["person"].strip(),
            given["title"].strip(),
            tuple(split_values(given["phones"])),
            tuple(split_values(given["emails"])),
            "",
            frozenset(given["publishable"]),
        )


class BatchForm(forms.Form):
    """A new batch."""

    city = forms.ModelChoiceField(label=_("城市"), queryset=City.objects.none())
    name = forms.CharField(label=_("批次名称"), max_length=120, help_text=_("如：2026年第一批"))
    closes_on = forms.DateField(label=_("到期日（可不填）"), required=False, widget=forms.DateInput({"type": "date"}))


class ImportForm(forms.Form):
    """A sender's file."""

    organisation = forms.ModelChoiceField(
        label=_("报送单位（可不选）"), queryset=Organisation.objects.none(), required=False
    )
    file = forms.FileField(
        label=_("文件"),
        help_text=_("Excel、WPS、CSV、Word 表格或 PDF 表格，不用改成模板。"),
        widget=forms.ClearableFileInput({"accept": ",".join(ACCEPTED)}),
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        senders = Organisation.objects.filter(city=batch.city, kind=Organisation.Kind.DEPARTMENT)
        self.fields["organisation"].queryset = senders  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """Which department gets a link."""

    organisation = forms.ModelChoiceField(label=_("部门"), queryset=Organisation.objects.none())

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        senders = Organisation.objects.filter(city=batch.city, kind=Organisation.Kind.DEPARTMENT)
        self.fields["organisation"].queryset = senders  # type: ignore[attr-defined]


class SendBackForm(forms.Form):
    """What the reviewer wants changed."""

    reason = forms.CharField(label=_("退回意见"), max_length=500, widget=forms.Textarea({"rows": 2}))


class NeedForm(forms.Form):
    """A need, as a department types it on a phone: seven questions."""

    name = forms.CharField(label=_("场景名称"), max_length=300, help_text=_("如：小店区智慧停车改造"))
    need = forms.CharField(
        label=_("想解决什么、需要什么"),
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("写清现状、要解决的问题和希望企业做什么。请不要在这里写电话。"),
    )
    track = forms.ChoiceField(
        label=_("赛道（可不选）"), required=False, choices=[("", _("不确定")), *((t, t) for t in TRACKS)]
    )
    modes = forms.CharField(
        label=_("合作方式（可不填）"), max_length=200, required=False, help_text=_("如：采购、联合建设")
    )
    investment = forms.CharField(
        label=_("投资额（可不填）"), max_length=100, required=False, help_text=_("如：约3.5亿元")
    )
    period = forms.CharField(label=_("时限（可不填）"), max_length=100, required=False, help_text=_("如：2026年底前"))
    contact = forms.CharField(label=_("联系人和电话"), max_length=200, help_text=_("如：张三 0351-0000000"))
    consent = forms.MultipleChoiceField(
        label=_("本人同意公开（不选则不公开）"),
        choices=CONSENT,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def record(self, unit: str, city: str) -> Opportunity:
        """The engine's record of what was typed; the unit is the link's."""
        given = self.cleaned_data
        read = read_contact(given["contact"])
        values: dict[str, Any] = {}
        for name in ("need", "modes", "investment", "period"):
            values.update(given_values(name, given[name], within=city))
        region = find_region(unit, within=city).region or find_region(given["name"], within=city).region
        return Opportunity(
            id="",
            name=clean(given["name"]),
            unit=unit,
            tracks=(given["track"],) if given["track"] else (),
            region=region,
            contact=Contact(
                person=read.persons[0] if read.persons else "",
                phones=read.phones,
                emails=read.emails,
                text=read.text,
                publishable=frozenset(given["consent"]),
            ),
            **values,
        )
