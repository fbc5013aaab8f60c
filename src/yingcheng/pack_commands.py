"""``yingcheng plan pack``: make, show, diff and compare 基准包 (reference packs), and reading what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from yingcheng.errors import UnusableInput
from yingcheng.findings import Finding
from yingcheng.i18n import _

if TYPE_CHECKING:
    from yingcheng.intake.tables import Table as Read
    from yingcheng.plan.reference import Pack

__all__ = ["EXIT_FLAGGED", "Seed", "app", "open_pack", "read_tables", "show_findings", "texts"]

EXIT_FLAGGED = 1
_SHOWN = 12
_NAMED = 40
_screen = Console(highlight=False, soft_wrap=True)

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help=_("基准包：做、看、比。"))

Seed = Annotated[int, typer.Option("--seed", help=_("随机权重的种子"))]


def open_pack(path: Path | None) -> Pack:
    """The pack of a file, or the shipped one."""
    from yingcheng.plan.packs import read_pack  # noqa: PLC0415  # --help need not wait for numpy and scipy
    from yingcheng.plan.reference import shipped_pack  # noqa: PLC0415  # likewise

    return shipped_pack() if path is None else read_pack(path)


def read_tables(path: Path) -> list[Read]:
    """Every table of a file of any kind.

    Raises:
        UnreadableFile: the file cannot be opened.
        UnusableInput: it holds no table.
    """
    from yingcheng.intake.readers import open_file  # noqa: PLC0415  # likewise
    from yingcheng.intake.tables import find_tables  # noqa: PLC0415  # likewise

    opened = open_file(path, name=path.name)
    tables = [table for sheet in opened.sheets for table in find_tables(sheet).tables]
    if not tables:
        raise UnusableInput(_("没有找到表格。"), where=path.name, remedy=_("表头要在数据上方，每列一个名称。"))
    return tables


def texts(table: Read) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of a table as a person would read them."""
    from yingcheng.intake.tables import cell_text  # noqa: PLC0415  # likewise

    return [column.header for column in table.columns], [[cell_text(cell) for cell in row.cells] for row in table.rows]


def show_findings(findings: Sequence[Finding]) -> None:
    """Print findings, the first dozen of them."""
    for finding in findings[:_SHOWN]:
        _screen.print(
            f"[yellow]{escape(str(finding.place))}[/] {escape(finding.found)}："
            + _("应为：{expected}。{remedy}").format(
                expected=escape(finding.expected.rstrip("。.")), remedy=escape(finding.remedy)
            )
            + f" [dim]{finding.code}[/]"
        )
    if len(findings) > _SHOWN:
        _screen.print(_("其余 {count} 条从略").format(count=len(findings) - _SHOWN))


def _pack_line(pack: Pack) -> str:
    return _("{title}｜{id} {version}｜{count} 个城市｜指纹 {digest}").format(
        title=escape(pack.title), id=escape(pack.id), version=pack.version, count=len(pack.codes),
        digest=pack.sha256[:12],
    )  # fmt: skip


@app.command("make", help=_("制作一个基准包：从随软件提供的城市里选，或用自己的表和指标定义。"))
def make(
    out: Annotated[Path, typer.Argument(metavar="FILE", help=_("写到哪里，如 山西.pack.json"), show_default=False)],
    identity: Annotated[str, typer.Option("--id", help=_("名称，各版本相同"))],
    number: Annotated[str, typer.Option("--version", help=_("版本号"))],
    title: Annotated[str, typer.Option("--title", help=_("印在成果里的说明"))] = "",
    provinces: Annotated[
        list[str] | None, typer.Option("--province", help=_("只取这个省（区、市）的城市，可多次写"))
    ] = None,
    cities: Annotated[list[str] | None, typer.Option("--city", help=_("只取这个城市，可多次写"))] = None,
    smallest: Annotated[float, typer.Option("--min-population", help=_("只取常住人口不少于多少万人的城市"))] = 0.0,
    weights: Annotated[str, typer.Option("--weights", help=_("equal、entropy、critic、ahp，可用 + 相连"))] = "equal",
    subsystems: Annotated[str, typer.Option("--subsystems", help=_("人:城:产 的权重"))] = "1:1:1",
    judgements: Annotated[Path | None, typer.Option("--judgements", help=_("AHP 判断矩阵（TOML）"))] = None,
    ends: Annotated[str, typer.Option("--ends", help=_("量程两端的百分位"))] = "5:95",
    figures: Annotated[Path | None, typer.Option("--figures", help=_("自己的城市表，每行一个城市"))] = None,
    definition: Annotated[
        Path | None, typer.Option("--definition", help=_("自己的指标定义（yingcheng plan rules 写出样本）"))
    ] = None,
    years: Annotated[str, typer.Option("--years", help=_("数字的年份"))] = "",
) -> None:
    """Make a pack; nothing is overwritten."""
    from yingcheng.plan.own_packs import FigureTable, has_city_column, own_pack  # noqa: PLC0415  # as above
    from yingcheng.plan.packs import Recipe, narrowed, write_pack  # noqa: PLC0415  # as above
    from yingcheng.plan.reference import shipped_pack  # noqa: PLC0415  # as above
    from yingcheng.plan.rule_files import read_rule_file  # noqa: PLC0415  # as above

    shipped = shipped_pack()
    low, high = _ratio(ends, 2, "--ends")
    above = _ratio(subsystems, 3, "--subsystems")
    if not 0 <= low < high <= 100 or min(above) <= 0:
        raise UnusableInput(_("--ends 应在 0 到 100 之间且递增，--subsystems 应为正数。"))
    recipe = Recipe(
        id=identity,
        version=number,
        title=title or identity,
        years=years or ("" if figures else shipped.years),
        scheme=weights,
        subsystems=above,
        lower=low / 100,
        upper=high / 100,
        judgements=None if judgements is None else read_rule_file(judgements),
    )
    if (figures is None) != (definition is None):
        raise UnusableInput(_("--figures 和 --definition 要一起写。"))
    if figures is not None and definition is not None:
        tables = read_tables(figures)
        read = next((table for table in tables if has_city_column(texts(table)[0])), tables[0])
        headers, rows = texts(read)
        first = read.rows[0].number if read.rows else 0
        table = FigureTable(read.file, tuple(headers), tuple(map(tuple, rows)), first)
        pack, findings = own_pack(recipe, table, read_rule_file(definition), where=definition.name)
    else:
        chosen = _chosen(shipped, provinces or [], cities or [], smallest)
        pack, findings = narrowed(recipe, shipped, chosen)
    write_pack(pack, out)
    show_findings(findings)
    _screen.print(_pack_line(pack))
    _screen.print(_("已写出：{path}").format(path=escape(str(out))))


def _ratio(text: str, count: int, option: str) -> tuple[float, ...]:
    try:
        parts = tuple(float(part) for part in text.replace("：", ":").split(":"))
    except ValueError:
        parts = ()
    if len(parts) != count:
        raise UnusableInput(
            _("{option} 应写 {count} 个数，用冒号隔开。").format(option=option, count=count), where=text
        )
    return parts


def _chosen(pack: Pack, provinces: Sequence[str], cities: Sequence[str], smallest: float) -> list[int]:
    from yingcheng.plan.figures import find_city  # noqa: PLC0415  # as above

    rows = list(range(len(pack.codes)))
    if provinces:
        known = {province: province for province in pack.provinces}
        wanted = [next((full for full in known if full.startswith(name)), None) for name in provinces]
        if None in wanted:
            unknown = provinces[wanted.index(None)]
            raise UnusableInput(_("没有这个省（区、市）：{name}").format(name=unknown))
        rows = [i for i in rows if pack.provinces[i] in wanted]
    if cities:
        codes = [find_city(name, pack) for name in cities]
        if None in codes:
            raise UnusableInput(_("没有这个城市：{name}").format(name=cities[codes.index(None)]))
        rows = [i for i in rows if pack.codes[i] in codes]
    people = pack.quantities[:, pack.columns.index("population")]
    return [i for i in rows if people[i] >= smallest * 10_000]


@app.command("show", help=_("看一个基准包：来源、指标、量程、权重、城市。"))
def show(
    path: Annotated[Path | None, typer.Argument(metavar="FILE", help=_("不写则看随软件提供的"))] = None,
) -> None:
    """Show a pack."""
    pack = open_pack(path)
    _screen.print(_pack_line(pack))
    _screen.print(escape(pack.weighting))
    for source in pack.identity.sources:
        _screen.print("  " + _("来源：{source}").format(source=escape(source)))
    table = Table(_("子系统"), _("指标"), _("方向"), _("量程"), _("单位"), _("组内权重"))
    for d in pack.definitions:
        within = [o.weight for o in pack.definitions if o.core and o.indicator.subsystem == d.indicator.subsystem]
        weight = f"{d.weight / sum(within):.4f}" if d.core else _("仅比较")
        log = _("（对数）") if d.log else ""
        sign = "+" if d.indicator.direction > 0 else "−"
        ends = f"{d.low:.6g}—{d.high:.6g}{log}"
        table.add_row(d.indicator.subsystem, d.indicator.name, sign, ends, d.indicator.unit, weight)
    _screen.print(table)
    _screen.print("、".join(pack.cities))


Before = Annotated[
    Path, typer.Argument(metavar="BEFORE", help=_("前一个基准包；写 - 为随软件提供的"), show_default=False)
]
After = Annotated[
    Path, typer.Argument(metavar="AFTER", help=_("后一个基准包；写 - 为随软件提供的"), show_default=False)
]


def _two(before: Path, after: Path) -> tuple[Pack, Pack]:
    shipped = Path("-")
    return open_pack(None if before == shipped else before), open_pack(None if after == shipped else after)


@app.command("diff", help=_("两个基准包的内容有什么不同：城市、指标、量程、权重、数字。"))
def diff(before: Before, after: After) -> None:
    """Say in what two packs differ; exit 1 where they do."""
    from yingcheng.plan.comparing import diff_packs  # noqa: PLC0415  # as above

    one, other = _two(before, after)
    _screen.print(f"- {_pack_line(one)}")
    _screen.print(f"+ {_pack_line(other)}")
    changes = diff_packs(one, other)
    if not changes:
        _screen.print(_("内容相同。"))
        return
    for words, names in (
        (_("去掉城市（{count}）：{names}"), [c.what for c in changes if c.kind == "城市" and not c.after]),
        (_("增加城市（{count}）：{names}"), [c.what for c in changes if c.kind == "城市" and not c.before]),
    ):
        if names:
            listed = "、".join(names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
            _screen.print(escape(words.format(count=len(names), names=listed)))
    table = Table()
    for heading in (_("类别"), _("内容"), _("前"), _("后")):
        table.add_column(heading, overflow="fold")
    for change in changes:
        if change.kind != "城市":
            table.add_row(change.kind, escape(change.what), escape(change.before) or "—", escape(change.after) or "—")
    if table.row_count:
        _screen.print(table)
    raise typer.Exit(EXIT_FLAGGED)


@app.command("compare", help=_("同一批城市按两个基准包计分，位次（带区间）怎么变。"))
def compare(
    before: Before,
    after: After,
    name: Annotated[str, typer.Option("--city", help=_("只看这个城市"))] = "",
    seed: Seed = 0,
) -> None:
    """Score the cities both packs hold by each."""
    from yingcheng.plan.comparing import compare_packs  # noqa: PLC0415  # as above
    from yingcheng.plan.figures import find_city  # noqa: PLC0415  # as above

    one, other = _two(before, after)
    done = compare_packs(one, other, seed=seed)
    if not done.cities:
        raise UnusableInput(_("两个基准包没有共同的城市。"))
    code = find_city(name, one) if name else None
    shown = [city for city in done.cities if not name or city.before.code == code]
    if not shown:
        raise UnusableInput(_("两个基准包不都有“{name}”。").format(name=name))
    _screen.print(f"- {_pack_line(one)}")
    _screen.print(f"+ {_pack_line(other)}")
    table = Table(_("城市"), _("D 前"), _("D 后"), _("位次前（5–95%）"), _("位次后（5–95%）"), "")
    for moved in shown[:_SHOWN]:
        ranks = (f"{p.rank}/{n}（{p.rank_low}–{p.rank_high}）" for p, n in zip(
            (moved.before, moved.after), done.sizes, strict=True))  # fmt: skip
        apart = _("区间不重叠") if moved.apart else ""
        table.add_row(moved.before.city, f"{moved.before.degree:.3f}", f"{moved.after.degree:.3f}", *ranks, apart)
    _screen.print(table)
    if len(shown) > _SHOWN:
        _screen.print(_("其余 {count} 个城市变化更小").format(count=len(shown) - _SHOWN))
    _screen.print(
        _("{count} 个共同城市，位次相关（Spearman）{agreement:.3f}").format(
            count=len(done.cities), agreement=done.agreement
        )
    )
