"""Rows of the case library → :class:`Case`."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.cases.records import Case
from yingcheng.i18n import _
from yingcheng.intake.assemble.opportunities import extra_of, tracks_of
from yingcheng.intake.identifiers import Identifiers
from yingcheng.intake.rows import Row, RowSet

__all__ = ["assemble_cases"]


def assemble_cases(tables: Sequence[RowSet]) -> tuple[Case, ...]:
    """One case per row, in reading order."""
    identifiers = Identifiers("C-")
    return tuple(case for table in tables for row in table.rows if (case := _case(table, row, identifiers)) is not None)


def _case(table: RowSet, row: Row, identifiers: Identifiers) -> Case | None:
    name = row.text("name")
    if not name:
        table.refuse(
            row,
            "name-missing",
            row.text("summary") or row.text("enterprise"),
            _("案例名称"),
            _("请补充案例名称后重新报送。"),
            name="name",
        )
        return None
    return Case(
        id=identifiers.give(name, row.text("city")),
        name=name,
        kind=row.text("kind"),
        city=row.text("city"),
        enterprise=row.text("enterprise"),
        tracks=tracks_of(row, row.section),
        summary=row.text("summary"),
        investment=row.text("investment"),
        operation=row.text("operation"),
        business_model=row.text("business_model"),
        planning=row.text("planning"),
        result=row.text("result"),
        preconditions=row.text("preconditions"),
        year=row.text("year"),
        link=row.text("link"),
        extra=extra_of(row),
        sources=(row.source,),
    )
