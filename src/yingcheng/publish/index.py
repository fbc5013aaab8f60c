"""OUT/index.html: one calm page that opens offline and links everything that was made.

No script, nothing from outside the folder; every text of the input is escaped. Charts are shown as images of the SVG
deliverables, so the page works the same from a disk, a stick or a web server.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from yingcheng.findings import Finding
from yingcheng.publish.chapters import file_status, statements
from yingcheng.publish.findings import SEVERITY_LABELS
from yingcheng.publish.records import Deliverable, Results
from yingcheng.standards.contacts import without_reachable

__all__ = ["index_page", "write"]

FILE = Path("index.html")
LOCAL_NUMBER = re.compile(r"(?<!\d)\d{7,8}(?!\d)")  # a telephone number without area code
STEPS = (
    "做好一个顶层策划设计",
    "发布一个场景机会清单",
    "出台一套制度创新举措",
    "匹配一个企业能力矩阵",
    "组织一次政企精准对接",
    "落地一批场景营城项目",
)
NUMBERS = "①②③④⑤⑥"
TOP_FINDINGS = 12
MOST_LINKS = 8  # more files of one kind are folded away, such as the calendars of all participants
LONGEST = 160  # characters of a cell shown on the page


def _masked(text: str) -> str:
    """What stood in a cell, without telephone numbers and mail addresses: the page may be passed on."""
    return LOCAL_NUMBER.sub("〔已隐去〕", without_reachable(text))


def _shown(text: str) -> str:
    """One escaped line, shortened."""
    line = " ".join(text.split())
    return escape(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")


def _quoted(text: str) -> str:
    """In quotation marks; marks inside become single ones."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def _link(deliverable: Deliverable) -> str:
    target = quote(deliverable.path.as_posix())
    kind = escape(deliverable.path.suffix.removeprefix(".")) or "目录"
    return f'<li><span class="kind">{kind}</span> <a href="{target}">{escape(deliverable.title)}</a></li>'


def _links(deliverables: Sequence[Deliverable]) -> str:
    """A list of links; kinds with many files are folded into ``details``."""
    if not deliverables:
        return ""
    many = Counter(deliverable.path.suffix for deliverable in deliverables)
    plain = [_link(one) for one in deliverables if many[one.path.suffix] <= MOST_LINKS]
    for suffix, count in sorted(many.items()):
        if count > MOST_LINKS:
            inside = "".join(_link(one) for one in deliverables if one.path.suffix == suffix)
            words = f"{escape(suffix.removeprefix('.').upper())} 文件 {count} 个"
            plain.append(f'<li><details><summary>{words}</summary><ul class="files">{inside}</ul></details></li>')
    return f'<ul class="files">{"".join(plain)}</ul>'


def _absent(results: Results) -> dict[int, str]:
    """Steps the folder had nothing for."""
    received = (
        (2, results.opportunities.opportunities, "场景机会"),
        (3, results.reach.measures, "政策举措"),
        (4, results.matrix.enterprises, "企业资料"),
        (5, results.candidates.edges, "可供对接的场景机会与企业"),
        (6, results.portfolio.projects, "落地项目台账"),
    )
    return {step: f"本批未收到{what}。" for step, there, what in received if not there}


def _card(step: int, deliverables: Sequence[Deliverable], absent: str) -> str:
    mine = [deliverable for deliverable in deliverables if deliverable.step == step]
    summaries = dict.fromkeys(one.summary for one in mine if one.summary and not one.picture)
    picture = next((one for one in mine if one.picture), None) if not absent else None
    if absent:
        summaries = {absent: None}
    parts = [f'<h3><span class="number" aria-hidden="true">{NUMBERS[step - 1]}</span>{STEPS[step - 1]}</h3>']
    parts += [f"<p>{escape(summary)}</p>" for summary in list(summaries)[:3]]
    if not mine and not absent:
        parts.append("<p>本步没有成果。</p>")
    if picture is not None:
        target, title = quote(picture.path.as_posix()), escape(picture.title)
        image = f'<img src="{target}" alt="{escape(picture.summary or picture.title)}" loading="lazy">'
        parts.append(f'<figure><a href="{target}">{image}</a><figcaption>{title}</figcaption></figure>')
    parts.append(_links(mine))
    return f'<li class="card">{"".join(parts)}</li>'


def _figures(results: Results) -> str:
    tables = [table for report in results.files for table in report.tables]
    figures = (
        ("读取文件", sum(1 for report in results.files if not report.refused)),
        ("拒绝文件", sum(1 for report in results.files if report.refused)),
        ("采用行数", sum(table.rows_taken for table in tables)),
        ("退回行数", sum(table.rows_refused for table in tables)),
        ("场景机会", len(results.opportunities.opportunities)),
        ("企业", len(results.matrix.enterprises)),
        ("政策举措", len(results.reach.measures)),
        ("选定会谈", len(results.assignment.pairs)),
        ("跟进项目", len(results.portfolio.projects)),
    )
    always = {"读取文件", "采用行数"}
    shown = [(name, value) for name, value in figures if value or name in always]
    inside = "".join(f"<div><dt>{name}</dt><dd>{value:,}</dd></div>" for name, value in shown)
    return f'<dl class="figures">{inside}</dl>'


def _findings(results: Results) -> str:
    if not results.findings:
        return '<div class="panel"><p>数据核验未发现问题。</p></div>'
    counts = Counter(finding.severity for finding in results.findings)
    heads = "".join(f'<li class="{s.value}">{name}<b>{counts[s]:,}</b></li>' for s, name in SEVERITY_LABELS.items())
    order = {severity: place for place, severity in enumerate(SEVERITY_LABELS)}
    groups: dict[tuple[int, str], list[Finding]] = {}
    for finding in results.findings:
        groups.setdefault((order[finding.severity], finding.code), []).append(finding)
    kinds = sorted(groups.items(), key=lambda entry: (entry[0][0], -len(entry[1]), entry[0][1]))
    items = [_finding(members[0], len(members)) for _key, members in kinds[:TOP_FINDINGS]]
    rest = sum(len(members) for _key, members in kinds[TOP_FINDINGS:])
    more = f"<p>另有 {len(kinds) - TOP_FINDINGS} 类 {rest:,} 条，见数据核验成果。</p>" if rest else ""
    return f'<div class="panel"><ul class="counts">{heads}</ul><ul class="findings">{"".join(items)}</ul>{more}</div>'


def _finding(first: Finding, count: int) -> str:
    """One kind of finding with its first example."""
    found = f"{_quoted(_shown(_masked(first.found)))}，" if first.found.strip() else ""
    times = f"（共 {count:,} 条，首例）" if count > 1 else ""
    return (
        f'<li><span class="{first.severity.value}">{SEVERITY_LABELS[first.severity]}{times}</span>　'
        f"{found}应为：{_shown(first.expected.rstrip('。'))}。{_shown(first.remedy)}"
        f'<br><span class="where">{_shown(str(first.place))}</span></li>'
    )


def _provenance(results: Results) -> str:
    rows = []
    for report in results.files:
        taken, refused = (sum(getattr(t, part) for t in report.tables) for part in ("rows_taken", "rows_refused"))
        state = _shown(file_status(report, results)) or "已读取"
        rows.append(
            f"<tr><td>{_shown(report.file)}</td><td>{escape(report.format) or '—'}</td><td class=n>{taken:,}</td>"
            f"<td class=n>{refused:,}</td><td>{state}</td><td><code>{escape(report.sha256[:12])}</code></td></tr>"
        )
    head = "<th>文件<th>格式<th class=n>采用行数<th class=n>退回行数<th>状态<th>校验值（前 12 位）"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    note = '<p>运行参数、版本与完整校验值见 <a href="run.json">run.json</a>。同样的输入得到逐字节相同的成果。</p>'
    region = f'<div class="table" tabindex="0" role="region" aria-label="输入文件">{table}</div>'
    return f'<div class="panel">{note}{region}</div>'


def _section(title: str, key: str, inside: str) -> str:
    return f'<section aria-labelledby="{key}"><h2 id="{key}">{title}</h2>{inside}</section>'


def _about(results: Results) -> Iterable[str]:
    facts = (("城市", results.city), ("批次", results.batch), ("截至", f"{results.as_of:%Y年%m月%d日}"))
    return (f"<span>{name}：{escape(value)}</span>" for name, value in facts if value)


def index_page(results: Results, deliverables: Sequence[Deliverable]) -> str:
    """The page as HTML text; the same arguments give the same text."""
    style = files("yingcheng.publish").joinpath("templates", "index.css").read_text("utf-8")
    whole = [deliverable for deliverable in deliverables if deliverable.step == 0]
    name = escape(results.name or "场景营城")
    absent = _absent(results)
    cards = "".join(_card(step, deliverables, absent.get(step, "")) for step in range(1, 7))
    steps = _section("六个一成果", "steps", f'<ol class="steps">{cards}</ol>')
    checked = _section("数据核验", "findings", _findings(results))
    origin = _section("数据来源", "files", _provenance(results))
    said = "".join(f"<li>{_shown(file)}：{escape(words)}</li>" for file, words in statements(results))
    notes = _section("材料声明", "statements", f'<div class="panel"><ul>{said}</ul></div>') if said else ""
    overall = _section("总成果", "whole", f'<div class="panel">{_links(whole)}</div>') if whole else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name} · 六个一成果</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">跳到正文</a>\n'
        f'<header class="top"><div class="wrap"><h1>{name}</h1><p class="about">{"".join(_about(results))}</p>'
        f"{_figures(results)}</div></header>\n"
        f'<main id="main" class="wrap">\n{notes}\n{steps}\n{overall}\n{checked}\n{origin}\n'
        '</main>\n<footer><div class="wrap">由营城软件自动编制；标注“虚构”的内容仅供演示。</div></footer>\n'
        "</body>\n</html>\n"
    )


def write(results: Results, deliverables: Sequence[Deliverable], out: Path) -> tuple[Deliverable, ...]:
    """Write ``index.html`` below ``out``, linking ``deliverables``."""
    (out / FILE).write_text(index_page(results, deliverables), encoding="utf-8", newline="\n")
    return (Deliverable(0, "成果总览", FILE),)
