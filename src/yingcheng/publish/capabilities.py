"""④ 企业能力矩阵 as a workbook: matrix, roles, evidence, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from yingcheng.capabilities.matrix import REGISTERED, UNSTATED_ROLE
from yingcheng.capabilities.records import UNCHECKED_CODE, Cell, Enterprise, Matrix
from yingcheng.publish import charts
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import origin, written
from yingcheng.publish.workbook import Column, Table, Value, write_workbook
from yingcheng.standards.tracks import ROLES, TRACKS

__all__ = ["write"]

_STEP = 4
_NO_ENTERPRISES = "本批材料未包含企业。"
_NO_EVIDENCE = "企业材料中没有说明能力的内容。"


def _best(matrix: Matrix) -> dict[tuple[str, str], Cell]:
    """The best cell of each enterprise and track over all roles."""
    best: dict[tuple[str, str], Cell] = {}
    for cell in matrix.cells:
        key = (cell.enterprise_id, cell.track)
        if key not in best or (cell.level, best[key].grade) > (best[key].level, cell.grade):
            best[key] = cell
    return best


def _overview(matrix: Matrix) -> Table:
    columns = (Column("企业名称", 34), *(Column(track, 9, "level") for track in TRACKS), Column("覆盖赛道", 9, "int"))
    best = _best(matrix)
    rows: list[tuple[Value, ...]] = []
    for enterprise in matrix.enterprises:
        row = [best.get((enterprise.id, track)) for track in TRACKS]
        marks = [f"{cell.level}{cell.grade}" if cell else "" for cell in row]
        rows.append((enterprise.name, *marks, sum(cell is not None for cell in row)))
    notes = (
        "能力等级：3 已实施并验收，2 有案例或证书，1 自述或产品介绍。",
        "证据等级：A 合同/验收，B 案例/证书，C 产品资料，D 自述或登记经营范围。",
    )
    return Table("能力矩阵", "企业能力矩阵（企业 × 13 赛道）", columns, rows, notes=notes, empty=_NO_ENTERPRISES)


def _by_role(matrix: Matrix) -> Table:
    roles = (*ROLES, UNSTATED_ROLE)
    columns = (Column("赛道", 14), *(Column(role, 11, "int") for role in roles), Column("企业数", 9, "int"))
    if not matrix.enterprises:
        return Table("赛道与角色", "各赛道各角色的企业数", columns, [], empty=_NO_ENTERPRISES)
    reached: Mapping[tuple[str, str], set[str]] = {(track, role): set() for track in TRACKS for role in roles}
    for cell in matrix.cells:
        reached[cell.track, cell.role].add(cell.enterprise_id)
    rows: list[tuple[Value, ...]] = [
        (
            track,
            *(len(reached[track, role]) for role in roles),
            len(set().union(*(reached[track, role] for role in roles))),
        )
        for track in TRACKS
    ]
    return Table("赛道与角色", "各赛道各角色的企业数", columns, rows)


def _evidence(matrix: Matrix, names: Mapping[str, str]) -> Table:
    columns = (
        Column("企业名称", 32),
        Column("赛道", 12),
        Column("角色", 11),
        Column("等级", 7, "level"),
        Column("证据等级", 9, "centre"),
        Column("证据类型", 10, "centre"),
        Column("证据", 60),
        Column("日期", 12, "date"),
        Column("来源", 36),
    )
    rows: list[tuple[Value, ...]] = [
        (
            names[cell.enterprise_id], cell.track, cell.role, str(cell.level), evidence.grade, evidence.kind,
            evidence.text, evidence.date, origin([evidence.source] if evidence.source else []),
        )
        for cell in matrix.cells
        for evidence in cell.evidence
    ]  # fmt: skip
    return Table(
        "能力与证据", "每一格的证据", columns, rows, empty=_NO_EVIDENCE if matrix.enterprises else _NO_ENTERPRISES
    )


def _register_row(enterprise: Enterprise) -> tuple[Value, ...]:
    unchecked = dict(enterprise.extra).get(UNCHECKED_CODE, "")
    return (
        enterprise.name,
        "、".join(enterprise.aliases),
        enterprise.credit_code or (unchecked and f"{unchecked}（未通过校验）"),
        enterprise.registered,
        written(enterprise.capital),
        enterprise.staff,
        enterprise.region.path if enterprise.region else enterprise.region_text,
        "、".join(enterprise.qualifications),
        origin(enterprise.sources),
    )


def _register(matrix: Matrix) -> Table:
    columns = (
        Column("企业名称", 32),
        Column("其他写法", 26),
        Column("统一社会信用代码", 22),
        Column("注册日期", 12, "date"),
        Column("注册资本", 16),
        Column("员工人数", 10, "int"),
        Column("所在地", 20),
        Column("资质", 30),
        Column("来源", 40),
    )
    notes = ("同一企业的多行、多种写法已合并：先按统一社会信用代码，再按规范化名称；全部来源保留。",)
    rows = [_register_row(enterprise) for enterprise in matrix.enterprises]
    return Table("企业名录", "参与企业名录", columns, rows, notes=notes, empty=_NO_ENTERPRISES)


def _gaps(results: Results) -> Table:
    names = results.opportunity_names()
    columns = (Column("类型", 18), Column("对象", 34), Column("说明", 60))
    if not results.matrix.enterprises:
        return Table("缺口", "能力缺口", columns, [], empty=_NO_ENTERPRISES)
    rows: list[tuple[Value, ...]] = [
        ("赛道无企业覆盖", track, "名录中没有企业在该赛道有能力或证据") for track in results.matrix.uncovered_tracks
    ]
    rows += [("机会无企业可接", names[opportunity], why) for opportunity, why in results.matrix.unserved]
    explained = {opportunity for opportunity, _ in results.matrix.unserved}
    barred = {refused.opportunity_id for refused in results.candidates.refused}
    rows += [
        (
            "机会无合适候选",
            names[opportunity],
            "有接近的企业，但不符合硬性条件，见匹配建议的“未列入”"
            if opportunity in barred
            else "赛道有企业覆盖，但没有企业的能力描述与需求足够接近",
        )
        for opportunity in results.candidates.nobody
        if opportunity not in explained
    ]
    return Table("缺口", "能力缺口", columns, rows, empty="未发现缺口。")


def _summary(matrix: Matrix) -> str:
    """The figures that matter; a registered scope of business is not called evidence."""
    if not matrix.enterprises:
        return "本批未收到企业材料"
    registered = sum({evidence.kind for evidence in cell.evidence} == {REGISTERED} for cell in matrix.cells)
    parts = [f"{len(matrix.enterprises)} 家企业", f"{len(matrix.cells) - registered} 格有证据"]
    if registered:
        parts.append(f"{registered} 格仅有登记经营范围")
    parts.append(f"{len(TRACKS) - len(matrix.uncovered_tracks)}/{len(TRACKS)} 个赛道有企业覆盖")
    return "，".join(parts)


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 企业能力矩阵.xlsx below ``out``."""
    matrix = results.matrix
    path = out / STEP_FOLDERS[_STEP] / "企业能力矩阵.xlsx"
    tables = [
        _overview(matrix),
        _by_role(matrix),
        _evidence(matrix, results.enterprise_names()),
        _register(matrix),
        _gaps(results),
    ]
    write_workbook(path, tables, title="企业能力矩阵", as_of=results.as_of)
    summary = _summary(matrix)
    pictures = {
        "能力热力图": lambda: results.gallery.draw(charts.capability_heatmap, matrix),
        "需求与供给": lambda: results.gallery.draw(charts.demand_and_supply, results.opportunities, matrix),
    }
    return (
        Deliverable(_STEP, "企业能力矩阵（工作簿）", path.relative_to(out), summary=summary),
        *write_pictures(_STEP, pictures, out),
    )
