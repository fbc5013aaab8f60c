"""The same firm on several rows, in several files, under several spellings → one :class:`Enterprise`.

A valid credit code decides; where a row has none, the normalised name does. Two different valid codes never merge,
however alike the names: they are two legal persons. Nothing is lost: lists are united, the first given value of a
field counts, and where two rows contradict each other a finding says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from yingcheng.capabilities.records import Capability, Enterprise
from yingcheng.findings import Finding, Severity
from yingcheng.i18n import _
from yingcheng.intake.assemble.enterprises import enterprise_id
from yingcheng.intake.vocabulary import vocabulary
from yingcheng.opportunities.records import Contact
from yingcheng.standards.names import company_key

__all__ = ["merge_enterprises"]

_LISTS = ("aliases", "qualifications", "tracks", "roles", "capabilities", "extra", "sources")
_IDENTITY = ("id", "name", "credit_code", "contact", "region")
# texts that grow from row to row without contradicting each other
_FREE_TEXTS = frozenset({"business", "products", "technologies", "honours", "cases", "scope", "position", "address"})


def merge_enterprises(enterprises: Sequence[Enterprise]) -> tuple[tuple[Enterprise, ...], tuple[Finding, ...]]:
    """Joins records of one firm, in the order of first mention.

    Returns:
        The firms, and a NOTICE for every contradiction and every merge by name only.
    """
    codes: dict[str, list[str]] = {}  # name key → valid codes seen under it, in order
    for enterprise in enterprises:
        if enterprise.credit_code:
            known = codes.setdefault(company_key(enterprise.name), [])
            if enterprise.credit_code not in known:
                known.append(enterprise.credit_code)
    merged: dict[str, Enterprise] = {}
    findings: list[Finding] = []
    for enterprise in enterprises:
        key = _group(enterprise, codes, findings)
        before = merged.get(key)
        merged[key] = enterprise if before is None else _join(before, enterprise, findings)
    return tuple(
        replace(firm, id=enterprise_id(firm.name, firm.credit_code), aliases=_other_names(firm))
        for firm in merged.values()
    ), tuple(findings)


def _group(enterprise: Enterprise, codes: dict[str, list[str]], findings: list[Finding]) -> str:
    """The code, the only code known under the name, or the name."""
    if enterprise.credit_code:
        return enterprise.credit_code
    key = company_key(enterprise.name)
    known = codes.get(key, [])
    if len(known) == 1:
        return known[0]
    if len(known) > 1 and enterprise.sources:
        findings.append(
            Finding(
                Severity.WARNING,
                "company-ambiguous",
                enterprise.sources[0].place("name"),
                enterprise.name,
                _("统一社会信用代码；同名企业有 {codes}").format(codes="、".join(known)),
                _("无法判断是哪一家，单独保留；请补充信用代码。"),
            )
        )
    return f"name:{key}"


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
