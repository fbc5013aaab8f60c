"""The published list as an OCDS 1.1 release package (Open Contracting Data Standard, pinned to 1.1.5).

Mapping: opportunity → planning and tender, 需求单位 → buyer, 牵头部门 → procuringEntity, a signed project → award and
contract, 开工/投产 → implementation milestones. Only what may be published goes in; contacts do not go in at all.

A scenario opportunity is a plan, not a call for tenders: its release is tagged ``planning`` and its tender is
``planned``. Only where the unit wants to buy (合作方式 采购, 招标 …), its period has begun and has not ended, and
nothing marks it as made up, the tender is ``active`` and the release tagged ``tender`` too; with a signed project it is
``complete``. What the sender marked as made up (虚构) says so at the end of its description.

OCDS knows single amounts only: an exact one is published as a value, a range or an estimate in words in
``planning.budget.description``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from yingcheng.opportunities.records import Opportunity
from yingcheng.projects.records import Project, StageEvent
from yingcheng.publish.records import Results
from yingcheng.publish.wording import written
from yingcheng.standards.money import Money

__all__ = ["package_of", "release_package"]

_PREFIX = "ocds-yingcheng"
"""Not a registered prefix; a publisher registers its own with the Open Contracting Partnership."""

_FICTIONAL = "虚构"
_BUYING = ("采购", "招标", "磋商", "谈判", "询价", "比选")
"""Words of a 合作方式 by which a unit buys: the procedures of 政府采购法 art. 26 and their usual names."""


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+08:00"


def _party_id(name: str) -> str:
    return "org-" + sha256(name.encode()).hexdigest()[:12]


def _value(amount: Money | None) -> dict[str, Any] | None:
    """An exact amount; ``None`` for ranges, bounds, estimates and doubtful readings."""
    if amount is None or amount.low is None or amount.low != amount.high or amount.approximate or not amount.certain:
        return None
    return {"amount": float(amount.low), "currency": amount.currency}


def _without_empty(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value not in (None, "", [], {})}


def _parties(opportunity: Opportunity, suppliers: Iterable[str]) -> list[dict[str, Any]]:
    roles: dict[str, list[str]] = {}
    for name, role in [
        (opportunity.unit, "buyer"),
        (opportunity.lead, "procuringEntity"),
        *((s, "supplier") for s in suppliers),
    ]:
        if name and role not in roles.setdefault(name, []):
            roles[name].append(role)
    return [{"id": _party_id(name), "name": name, "roles": kinds} for name, kinds in roles.items()]


def _reference(name: str) -> dict[str, str] | None:
    return {"id": _party_id(name), "name": name} if name else None


def _period(opportunity: Opportunity) -> dict[str, Any] | None:
    if opportunity.period is None:
        return None
    start, end = opportunity.period.start, opportunity.period.end
    return _without_empty({"startDate": start and _moment(start), "endDate": end and _moment(end)}) or None


def _budget(opportunity: Opportunity) -> dict[str, Any]:
    amount = _value(opportunity.investment)
    words = "" if amount else written(opportunity.investment)
    description = "；".join(part for part in (opportunity.funding, f"投资额：{words}" if words else "") if part)
    return _without_empty({"description": description, "amount": amount})


def _is_fictional(opportunity: Opportunity, batch: str) -> bool:
    """Whether the sender or the settings mark the entry as made up."""
    marked = (batch, opportunity.batch, opportunity.name, opportunity.unit, opportunity.lead)
    return any(_FICTIONAL in text for text in (*marked, *(value for _header, value in opportunity.extra)))


def _status(opportunity: Opportunity, *, signed: bool, fictional: bool, as_of: date) -> str:
    """Code of the tenderStatus codelist; see the rule at the top of this module."""
    if signed:
        return "complete"
    period = opportunity.period
    running = (
        period is not None
        and period.start is not None
        and period.start <= as_of
        and (period.end is None or period.end >= as_of)
    )
    buying = any(word in mode for mode in opportunity.modes for word in _BUYING)
    return "active" if running and buying and not fictional else "planned"


def _description(opportunity: Opportunity, fictional: bool) -> str:
    text = opportunity.need or opportunity.summary
    return f"{text}（来源标注：虚构）" if fictional else text


def _dated(project: Project, stage: str) -> StageEvent | None:
    return next((event for event in project.events if event.stage == stage and event.date is not None), None)


def _contracts(projects: Iterable[Project]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    awards, contracts = [], []
    for project in projects:
        signed = _dated(project, "签约")
        if signed is None or signed.date is None:
            continue
        award = f"award-{project.id}"
        supplier = _reference(project.enterprise)
        awards.append(
            _without_empty(
                {
                    "id": award,
                    "title": project.name,
                    "status": "active",
                    "date": _moment(signed.date),
                    "value": _value(project.investment),
                    "suppliers": [supplier] if supplier else [],
                }
            )
        )
        milestones = [
            {"id": f"{project.id}-{stage}", "title": stage, "status": "met", "dateMet": _moment(event.date)}
            for stage in ("开工", "投产", "达效")
            if (event := _dated(project, stage)) is not None and event.date is not None
        ]
        contracts.append(
            _without_empty(
                {
                    "id": f"contract-{project.id}",
                    "awardID": award,
                    "title": project.name,
                    "status": "active",
                    "dateSigned": _moment(signed.date),
                    "value": _value(project.investment),
                    "implementation": {"milestones": milestones} if milestones else None,
                }
            )
        )
    return awards, contracts


def _release(opportunity: Opportunity, projects: list[Project], batch: str, as_of: date) -> dict[str, Any]:
    awards, contracts = _contracts(projects)
    fictional = _is_fictional(opportunity, batch)
    status = _status(opportunity, signed=bool(awards), fictional=fictional, as_of=as_of)
    tag = ["planning", *(["tender"] if status == "active" else []), *(["award", "contract"] if awards else [])]
    if any("implementation" in contract for contract in contracts):
        tag.append("implementation")
    suppliers = [project.enterprise for project in projects if _dated(project, "签约") is not None]
    ocid = f"{_PREFIX}-{opportunity.id}"
    return _without_empty(
        {
            "ocid": ocid,
            "id": f"{ocid}-{as_of.isoformat()}",
            "date": _moment(as_of),
            "tag": tag,
            "initiationType": "tender",
            "language": "zh",
            "parties": _parties(opportunity, suppliers),
            "buyer": _reference(opportunity.unit),
            "planning": _without_empty(
                {
                    "rationale": opportunity.pain or opportunity.summary,
                    "budget": _budget(opportunity),
                }
            ),
            "tender": _without_empty(
                {
                    "id": f"{ocid}-tender",
                    "title": opportunity.name,
                    "description": _description(opportunity, fictional),
                    "status": status,
                    "procuringEntity": _reference(opportunity.lead),
                    "value": _value(opportunity.investment),
                    "contractPeriod": _period(opportunity),
                    "eligibilityCriteria": opportunity.asks or "、".join(opportunity.qualifications),
                }
            ),
            "awards": awards,
            "contracts": contracts,
        }
    )


def release_package(results: Results) -> dict[str, Any]:
    """The publishable opportunities as one release package, ready for ``json.dumps``."""
    return package_of(
        results.opportunities.published,
        results.portfolio.projects,
        batch=results.batch,
        publisher=results.name or results.city,
        as_of=results.as_of,
    )


def package_of(
    opportunities: Iterable[Opportunity], projects: Iterable[Project], *, batch: str, publisher: str, as_of: date
) -> dict[str, Any]:
    """The same for any opportunities that may be published, with the projects that grew out of them."""
    grown: dict[str, list[Project]] = {}
    for project in projects:
        grown.setdefault(project.opportunity, []).append(project)
    return {
        "uri": f"urn:yingcheng:{_PREFIX}:{as_of.isoformat()}",
        "version": "1.1",
        "publishedDate": _moment(as_of),
        "publisher": {"name": publisher or "营城"},
        "releases": [
            _release(opportunity, [*grown.get(opportunity.id, []), *(grown.get(opportunity.name, []))], batch, as_of)
            for opportunity in opportunities
        ],
    }
