"""Rows about firms and what they can do → :class:`Enterprise`, one per row; :mod:`..merge` joins them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from yingcheng.capabilities.records import UNCHECKED_CODE, Capability, Enterprise, Evidence
from yingcheng.i18n import _
from yingcheng.intake.assemble.opportunities import extra_of, tracks_of
from yingcheng.intake.cells import Firm, SectorText
from yingcheng.intake.identifiers import digest
from yingcheng.intake.rows import Row, RowSet
from yingcheng.standards.credit_code import CreditCode
from yingcheng.standards.names import company_key, read_company_name
from yingcheng.standards.qualifications import read_qualifications
from yingcheng.standards.text import split_values

__all__ = ["assemble_enterprises", "enterprise_id"]

_TITLE_START = 200  # characters of a title in which a firm is looked for; the search is quadratic
_FIRM_IN_TITLE = re.compile(r"[\w（）()·]{2,}?(?:公司|集团|研究院|研究所|设计院|大学|学院|事务所|合作社)")


def enterprise_id(name: str, code: str) -> str:
    """The valid credit code, else a digest of the normalised name."""
    return code or digest("E-", company_key(name))


def assemble_enterprises(tables: Sequence[RowSet]) -> tuple[Enterprise, ...]:
    """One enterprise per row of the enterprise and capability tables, in reading order."""
    return tuple(
        enterprise
        for table in tables
        for above in [_firm_above(table)]
        for row in table.rows
        if (enterprise := _enterprise(table, row, above)) is not None
    )


def _firm_above(table: RowSet) -> Firm | None:
    """The firm a capability sheet without a company column is about: named by title, sheet or file."""
    mapped = table.mapped
    if any(column.field is not None and column.field.name == "name" for column in mapped.columns):
        return None
    stem = mapped.table.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    for text in (*mapped.table.title.split("\n"), mapped.table.sheet, stem):
        if match := _FIRM_IN_TITLE.search(text[:_TITLE_START]):
            return Firm(read_company_name(match.group()).name)
    return None


def _enterprise(table: RowSet, row: Row, above: Firm | None) -> Enterprise | None:
    code = row.values.get("credit_code")
    valid = code.code if isinstance(code, CreditCode) and code.valid else ""
    firm = row.firm("name") or above
    if firm is None:
        table.refuse(
            row,
            "company-missing",
            row.text("capability") or (code.code if isinstance(code, CreditCode) else "") or row.text("business"),
            _("企业名称"),
            _("请填写企业全称；能力清单没有企业名称列时，请在表格上方标题中写明企业名称。"),
            name="name",
        )
        return None
    region = table.region(row, "region", within=row.text("province"))
    if region is None:
        region = table.region(row, "province")
    industry = row.values.get("industry")
    sector = industry if isinstance(industry, SectorText) else SectorText(None, "")
    noted = tuple(q for note in firm.notes for q in read_qualifications(note))
    qualifications = tuple(dict.fromkeys((*row.texts("qualifications"), *noted)))
    capability = _capability(row)
    extra = extra_of(row)
    if isinstance(code, CreditCode) and not code.valid:
        extra = (*extra, (UNCHECKED_CODE, code.code))
    return Enterprise(
        id=enterprise_id(firm.name, valid),
        name=firm.name,
        aliases=row.texts("alias"),
        credit_code=valid,
        registered=row.day("registered"),
        kind=row.text("kind"),
        legal_person=row.text("legal_person"),
        capital=row.money("capital"),
        staff=row.whole("staff"),
        revenue=row.money("revenue"),
        abnormal=row.flag("abnormal"),
        region=region.region if region else None,
        region_text=row.text("province") + row.text("region"),
        address=row.text("address"),
        industry=sector.industry,
        industry_text=sector.text,
        scope=row.text("scope"),
        position=row.text("position"),
        business=row.text("business"),
        products=row.text("products"),
        technologies=row.text("technologies"),
        qualifications=qualifications,
        honours=row.text("honours"),
        cases=row.text("cases"),
        tracks=tracks_of(row, *row.texts("category")),
        roles=row.texts("roles"),
        capabilities=(capability,) if capability else (),
        contact=row.contact(),
        max_meetings=row.whole("max_meetings"),
        group=row.text("group"),
        extra=extra,
        sources=(row.source,),
    )


def _capability(row: Row) -> Capability | None:
    """What the row says the firm can do; a plain enterprise row offers its business, products or cases."""
    description = row.text("description")
    name = row.text("capability") or description.split("\n")[0][:40]
    evidence = _evidence(row)
    if not name:
        backed = any(item.kind != "自述" for item in evidence)
        name = (row.text("position") or row.text("business") or row.text("products"))[:40] if backed else ""
        if not name:
            return None
    return Capability(
        name=name,
        description=description,
        tracks=tracks_of(row, *row.texts("category")),
        roles=row.texts("roles"),
        scenario=row.text("scenario"),
        evidence=evidence,
        source=row.source,
    )


def _evidence(row: Row) -> tuple[Evidence, ...]:
    """Contract or acceptance A, cases and certificates B, product text C, own claim D."""
    when = row.day("evidence_date")
    found: list[Evidence] = []
    found.extend(_pieces(row, "合同", row.text("contracts"), "A", when))
    found.extend(_pieces(row, "案例", row.text("cases"), "B", when))
    found.extend(Evidence("证书", text, "B", when, row.source) for text in row.texts("qualifications"))
    shown = (row.text("products"), row.text("technologies"))
    found.extend(Evidence("产品", text, "C", None, row.source) for text in shown if text)
    claim = row.text("description") or row.text("capability")
    if claim:
        found.append(Evidence("自述", claim, "D", None, row.source))
    return tuple(found)


def _pieces(row: Row, kind: str, text: str, grade: str, when: date | None) -> list[Evidence]:
    if not text or text in {"无", "暂无"}:
        return []
    return [Evidence(kind, piece, grade, when, row.source) for piece in split_values(text)]
