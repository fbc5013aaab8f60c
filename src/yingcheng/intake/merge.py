"""The same firm on several rows, in several files, under several spellings → one :class:`Enterprise`.

A valid credit code decides, unless the names under it have nothing in common; where a row has none, the name does.
Rows with different codes never merge, however alike the names: they are two legal persons. Neither do names that both
carry a full legal form and differ in it; a short name joins the one full name it fits. Nothing is lost: lists are
united, the first given value of a field counts, and where two rows contradict each other a finding says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from rapidfuzz import fuzz

from yingcheng.capabilities.records import UNCHECKED_CODE, Capability, Enterprise
from yingcheng.findings import Finding, Severity
from yingcheng.i18n import _
from yingcheng.intake.assemble.enterprises import enterprise_id
from yingcheng.intake.identifiers import digest
from yingcheng.intake.vocabulary import vocabulary
from yingcheng.opportunities.records import Contact
from yingcheng.standards.names import company_form, company_key, is_full_form

__all__ = ["merge_enterprises"]

_ALIKE = 50  # of 100; names under one code that resemble each other less are of different firms
_SHORTEST_CODE = 8  # characters; 办理中 and the like are no code
_SHARED_CODE = "统一社会信用代码（与另一企业相同）"
_LISTS = ("aliases", "qualifications", "tracks", "roles", "capabilities", "extra", "sources")
_IDENTITY = ("id", "name", "credit_code", "contact", "region")
# texts that grow from row to row without contradicting each other
_FREE_TEXTS = frozenset({"business", "products", "technologies", "honours", "cases", "scope", "position", "address"})


@dataclass(slots=True)
class _Firm:
    """What is known of one firm while rows are told apart: its code as stated, and key → legal forms → spellings."""

    code: str = ""
    forms: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, name: str) -> None:
        spellings = self.forms.setdefault(company_key(name), {}).setdefault(company_form(name), [])
        if name not in spellings:
            spellings.append(name)

    @property
    def names(self) -> list[str]:
        return [name for forms in self.forms.values() for spellings in forms.values() for name in spellings]

    def resembles(self, name: str) -> bool:
        """Whether a name may be another one of this firm, given that the code is the same."""
        key = company_key(name)
        return any(key in known or known in key or fuzz.ratio(key, known) >= _ALIKE for known in self.forms)

    def fits(self, key: str, form: str, *, several: bool = False) -> bool:
        """Whether nothing in a name of the same key speaks against this firm.

        Where ``several`` full names share the key, a firm known by its short name only could be any of them.
        """
        forms = self.forms.get(key, {})
        if several and not any(map(is_full_form, forms)):
            return False
        return form in forms or (bool(forms) and all(_compatible(form, known) for known in forms))


def _compatible(one: str, other: str) -> bool:
    """Equal legal forms, or one of them incomplete and part of the other: 集团 and 集团有限公司."""
    return one == other or (not is_full_form(one) and one in other) or (not is_full_form(other) and other in one)


def merge_enterprises(enterprises: Sequence[Enterprise]) -> tuple[tuple[Enterprise, ...], tuple[Finding, ...]]:
    """Joins records of one firm, in the order of first mention.

    Returns:
        The firms; a NOTICE for every contradiction and every spelling merged by name, a WARNING where it cannot be
        told which firm is meant.
    """
    findings: list[Finding] = []
    firm_of = _tell_apart(enterprises, findings)
    merged: dict[int, Enterprise] = {}
    for enterprise, firm in zip(enterprises, firm_of, strict=True):
        before = merged.get(id(firm))
        if enterprise.credit_code and enterprise.credit_code != firm.code:  # the code is another firm's
            extra = (*enterprise.extra, (_SHARED_CODE, enterprise.credit_code))
            enterprise = replace(enterprise, credit_code="", extra=extra)  # noqa: PLW2901
        merged[id(firm)] = enterprise if before is None else _join(before, enterprise, findings)
    stated = {id(firm): firm.code for firm in firm_of}
    ids = Counter(enterprise_id(firm.name, firm.credit_code) for firm in merged.values())
    return tuple(
        replace(
            firm,
            id=given
            if ids[given := enterprise_id(firm.name, firm.credit_code)] == 1
            else digest("E-", company_key(firm.name), company_form(firm.name), stated[number]),
            aliases=_other_names(firm),
        )
        for number, firm in merged.items()
    ), tuple(findings)


def _tell_apart(enterprises: Sequence[Enterprise], findings: list[Finding]) -> list[_Firm]:
    """The firm of every record: first those with a code, then names from the most to the least complete."""
    firm_of = _by_code(enterprises, findings)
    by_key: dict[str, list[_Firm]] = {}
    for firm in {id(firm): firm for firm in firm_of.values()}.values():
        for key in firm.forms:
            by_key.setdefault(key, []).append(firm)
    full_forms: dict[str, set[str]] = {}
    for enterprise in enterprises:
        if is_full_form(form := company_form(enterprise.name)):
            full_forms.setdefault(company_key(enterprise.name), set()).add(form)
    uncoded = [i for i in range(len(enterprises)) if i not in firm_of]
    doubtful: dict[tuple[str, str], _Firm] = {}
    for i in sorted(uncoded, key=lambda i: _completeness(enterprises[i].name)):
        enterprise = enterprises[i]
        key, form = company_key(enterprise.name), company_form(enterprise.name)
        several = is_full_form(form) and len(full_forms[key]) > 1
        near = [firm for firm in by_key.get(key, []) if firm.fits(key, form, several=several)]
        if len(near) > 1:
            findings.extend(_ambiguous(enterprise, near))
            firm = doubtful.setdefault((key, form), _Firm())
        elif near:
            (firm,) = near
            if enterprise.name not in firm.names:
                findings.extend(_joined_by_name(enterprise, firm))
        else:
            firm = _Firm()
            by_key.setdefault(key, []).append(firm)
        firm.add(enterprise.name)
        firm_of[i] = firm
    return [firm_of[i] for i in range(len(enterprises))]


def _by_code(enterprises: Sequence[Enterprise], findings: list[Finding]) -> dict[int, _Firm]:
    """The firms of the records that state a code, by position of the record."""
    firm_of: dict[int, _Firm] = {}
    firms_of_code: dict[str, list[_Firm]] = {}
    for i, enterprise in enumerate(enterprises):
        if code := _stated_code(enterprise):
            known = firms_of_code.setdefault(code, [])
            firm = _firm_by_code(enterprise, known)
            if firm is None:
                firm = _Firm("" if known else code)
                if known and enterprise.credit_code and enterprise.sources:
                    findings.append(_code_shared(enterprise, known[0]))
                known.append(firm)
            firm.add(enterprise.name)
            firm_of[i] = firm
    return firm_of


def _completeness(name: str) -> tuple[bool, bool]:
    form = company_form(name)
    return not is_full_form(form), not form


def _stated_code(enterprise: Enterprise) -> str:
    """The credit code as written, whether or not it passed the check."""
    unchecked = dict(enterprise.extra).get(UNCHECKED_CODE, "")
    return enterprise.credit_code or (unchecked if len(unchecked) >= _SHORTEST_CODE else "")


def _firm_by_code(enterprise: Enterprise, known: Sequence[_Firm]) -> _Firm | None:
    key, form = company_key(enterprise.name), company_form(enterprise.name)
    for firm in known:
        if firm.resembles(enterprise.name) if enterprise.credit_code else firm.fits(key, form):
            return firm
    return None


def _code_shared(enterprise: Enterprise, known: _Firm) -> Finding:
    return Finding(
        Severity.WARNING,
        "company-ambiguous",
        enterprise.sources[0].place("credit_code"),
        enterprise.credit_code,
        _("一家企业一个统一社会信用代码；“{name}”也写了这个代码").format(name=known.names[0]),
        _("名称相差很大，“{company}”单独保留；请核对信用代码。").format(company=enterprise.name),
    )


def _ambiguous(enterprise: Enterprise, near: Sequence[_Firm]) -> list[Finding]:
    if not enterprise.sources:
        return []
    return [
        Finding(
            Severity.WARNING,
            "company-ambiguous",
            enterprise.sources[0].place("name"),
            enterprise.name,
            _("统一社会信用代码；同名企业有 {codes}").format(codes="、".join(f.code or f.names[0] for f in near)),
            _("无法判断是哪一家，单独保留；请补充信用代码。"),
        )
    ]


def _joined_by_name(enterprise: Enterprise, firm: _Firm) -> list[Finding]:
    if not enterprise.sources:
        return []
    return [
        Finding(
            Severity.NOTICE,
            "company-merged",
            enterprise.sources[0].place("name"),
            enterprise.name,
            _("与“{name}”同一写法").format(name=firm.names[0]),
            _("按同一家企业合并；如是两家，请分别填写信用代码。"),
        )
    ]


def _join(known: Enterprise, new: Enterprise, findings: list[Finding]) -> Enterprise:
    changes: dict[str, object] = {}
    for item in fields(Enterprise):
        name = item.name
        if name in _LISTS or name in _IDENTITY:
            continue
        before, now = getattr(known, name), getattr(new, name)
        if _is_blank(before):
            changes[name] = now
        elif not _is_blank(now) and not _agree(before, now):
            if name in _FREE_TEXTS and isinstance(before, str) and isinstance(now, str):
                changes[name] = before if now in before else now if before in now else f"{before}\n{now}"
            else:
                findings.append(_contradiction(new, name, before, now))
    spelling = (new.name,) if new.name != known.name else ()
    if known.region is None:
        changes["region"] = new.region
    return replace(
        known,
        **changes,  # type: ignore[arg-type]
        credit_code=known.credit_code or new.credit_code,
        contact=_join_contacts(known.contact, new.contact),
        aliases=tuple(dict.fromkeys((*known.aliases, *spelling, *new.aliases))),
        qualifications=tuple(dict.fromkeys((*known.qualifications, *new.qualifications))),
        tracks=tuple(dict.fromkeys((*known.tracks, *new.tracks))),
        roles=tuple(dict.fromkeys((*known.roles, *new.roles))),
        capabilities=_join_capabilities(known.capabilities, new.capabilities),
        extra=tuple(dict.fromkeys((*known.extra, *new.extra))),
        sources=tuple(dict.fromkeys((*known.sources, *new.sources))),
    )


def _is_blank(value: object) -> bool:
    return value is None or value == "" or value == ()


def _agree(before: object, now: object) -> bool:
    if before == now:
        return True
    amounts = [(getattr(v, "low", v), getattr(v, "high", v), getattr(v, "currency", "")) for v in (before, now)]
    return hasattr(before, "low") and amounts[0] == amounts[1]


def _contradiction(new: Enterprise, name: str, before: object, now: object) -> Finding:
    field = (
        vocabulary().kinds["enterprises"].field({"region_text": "region", "industry_text": "industry"}.get(name, name))
    )
    label = field.label if field else name
    return Finding(
        Severity.NOTICE,
        "company-contradiction",
        new.sources[0].place(field.name if field else ""),
        _shown(now),
        _("与前文一致的“{label}”：{before}").format(label=label, before=_shown(before)),
        _("“{company}”的两处填写不一致，以先出现的为准，请核对。").format(company=new.name),
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(getattr(value, "text", None) or getattr(value, "name", None) or value)


def _join_contacts(known: Contact, new: Contact) -> Contact:
    if new == Contact():
        return known
    if known == Contact():
        return new
    return Contact(
        person=known.person or new.person,
        title=known.title or new.title,
        phones=tuple(dict.fromkeys((*known.phones, *new.phones))),
        emails=tuple(dict.fromkeys((*known.emails, *new.emails))),
        text="；".join(dict.fromkeys(text for text in (known.text, new.text) if text)),
        # a refusal or silence on either row withholds consent for the joined contact
        publishable=known.publishable & new.publishable,
    )


def _join_capabilities(known: tuple[Capability, ...], new: tuple[Capability, ...]) -> tuple[Capability, ...]:
    """Capabilities of one name become one with the evidence of both."""
    by_name = {capability.name: capability for capability in known}
    for capability in new:
        before = by_name.get(capability.name)
        if before is None:
            by_name[capability.name] = capability
            continue
        seen = {(item.kind, item.text) for item in before.evidence}
        by_name[capability.name] = replace(
            before,
            description=before.description or capability.description,
            scenario=before.scenario or capability.scenario,
            tracks=tuple(dict.fromkeys((*before.tracks, *capability.tracks))),
            roles=tuple(dict.fromkeys((*before.roles, *capability.roles))),
            evidence=(*before.evidence, *(item for item in capability.evidence if (item.kind, item.text) not in seen)),
        )
    return tuple(by_name.values())


def _other_names(firm: Enterprise) -> tuple[str, ...]:
    return tuple(alias for alias in firm.aliases if alias != firm.name)
