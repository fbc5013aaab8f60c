"""Rules of measures as YAML or JSON → :class:`Measure`: the same clauses as the decision table, as a tree.

Every scalar is read as the text that stands there (no YAML type guessing: ``否`` and ``2.10`` stay what they are), and
every fault names its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml
from rapidfuzz import process

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity, SourceRow
from yingcheng.i18n import _
from yingcheng.intake.identifiers import digest
from yingcheng.measures.outline import Group, Rule, rows_of
from yingcheng.measures.records import Clause, Measure
from yingcheng.measures.thresholds import DatedValue, written_dated
from yingcheng.standards.dates import parse_period
from yingcheng.standards.money import parse_money
from yingcheng.standards.text import one_line, split_values
from yingcheng.standards.tracks import TRACKS

__all__ = ["RuleFile", "is_rule_file", "read_rules"]

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
MOST_BYTES = 8 << 20
MOST_NODES = 200_000  # aliases may make a small file as large as this
DEEPEST = 40

_TEXTS = ("number", "level", "category", "tool", "support", "standard", "exclusive", "unit", "basis", "channel", "link")
_FIELDS = (*_TEXTS, "name", "amount", "budget", "deadline", "validity", "days", "materials", "tracks", "conditions")
_OF_CLAUSE = ("text", "number", "kind", "op", "value", "tiers")
_ASKS = ("fact", "sum", "ratio", "growth", "measure", "human", "text")
_JOINS = ("all", "any", "none", "not", "at_least")


@dataclass(slots=True)
class RuleFile:
    """What was read: the measures, the faults, and how many clauses there were and were left out."""

    measures: list[Measure] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    clauses: int = 0
    refused: int = 0


class _Wrong(Exception):  # noqa: N818 — carries a fault up to the clause or measure it belongs to
    def __init__(self, node: yaml.Node, code: str, expected: str, remedy: str, found: str = "") -> None:
        self.node, self.code, self.expected, self.remedy, self.found = node, code, expected, remedy, found
        super().__init__(code)


def is_rule_file(path: Path) -> bool:
    """Whether a file holds rules of measures: by its name, and the word ``measures`` in it."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return False
    return b"measures" in path.read_bytes()


def read_rules(text: str, name: str) -> RuleFile:
    """Read a rule file.

    Args:
        text: what the file holds.
        name: what the findings call it.

    Raises:
        UnreadableFile: it is neither YAML nor JSON, or holds no measures at all.
    """
    try:
        # JSON is YAML but for tabs, which only ever stand between its words
        root = yaml.compose(text.replace("\t", " ") if text.lstrip().startswith(("{", "[")) else text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name} / 第{mark.line + 1}行" if mark is not None else name
        raise UnreadableFile(
            _("不是完整的 YAML 或 JSON：{reason}").format(reason=getattr(error, "problem", "") or str(error)),
            where=where,
            remedy=_("请检查该行的缩进、引号和括号。"),
        ) from error
    return _Reader(name).entries(root)


class _Reader:
    """One file. Findings name its lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = RuleFile()
        self.nodes = 0

    def entries(self, root: yaml.Node | None) -> RuleFile:
        listed = dict(_pairs(root)).get("measures") if isinstance(root, yaml.MappingNode) else None
        if not isinstance(listed, yaml.SequenceNode):
            raise UnreadableFile(
                _("没有 measures 列表。"), where=self.name, remedy=_("请按“规则文件”格式写：measures 下每项一条政策。")
            )
        for node in listed.value:
            before = self.found.clauses
            try:
                self.found.measures.append(self.measure(node))
            except _Wrong as wrong:
                self.note(wrong, Severity.ERROR)
                self.found.clauses = max(self.found.clauses, before + 1)
                self.found.refused += self.found.clauses - before
        return self.found

    def note(self, wrong: _Wrong, severity: Severity = Severity.WARNING) -> None:
        place = Place(self.name, "", wrong.node.start_mark.line + 1)
        found = wrong.found or _shown(wrong.node)
        self.found.findings.append(Finding(severity, wrong.code, place, found, wrong.expected, wrong.remedy))

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise UnreadableFile(
                _("规则文件过大或引用了自己。"), where=self.name, remedy=_("请拆成几个文件，不要用 YAML 的锚点与引用。")
            )

    def mapping(self, node: yaml.Node, known: tuple[str, ...]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise _Wrong(node, "unexpected-shape", _("若干“名称: 内容”"), _("请按“规则文件”格式改写。"))
        found: dict[str, yaml.Node] = {}
        for key, value in _pairs(node):
            self.count()
            if key not in known:
                close = process.extractOne(key, known, score_cutoff=50)
                remedy = (
                    _("您是否要写：{names}？").format(names=close[0])
                    if close
                    else _("请删去，或改用：{names}。").format(names="、".join(known))
                )
                self.note(_Wrong(value, "unknown-key", _("规则文件中的名称"), remedy, key))
                continue
            found[key] = value
        return found

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise _Wrong(node, "unexpected-shape", _("一段文字"), _("请按“规则文件”格式改写。"))
        return "" if node.tag == "tag:yaml.org,2002:null" else one_line(node.value)

    def texts(self, node: yaml.Node) -> tuple[str, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item) for item in node.value)
        return split_values(self.text(node))

    def measure(self, node: yaml.Node) -> Measure:
        given = self.mapping(node, _FIELDS)
        name = self.text(given["name"]) if "name" in given else ""
        if not name:
            raise _Wrong(node, "name-missing", _("政策名称"), _("请写 name。"))
        texts = {key: self.text(given[key]) for key in _TEXTS if key in given}
        money = {key: parse_money(self.text(given[key])) for key in ("amount", "budget") if key in given}
        periods = {key: parse_period(self.text(given[key])) for key in ("deadline", "validity") if key in given}
        source = SourceRow(self.name, "", node.start_mark.line + 1)
        measure = Measure(
            id=digest("M-", name),
            name=name,
            days=self.days(given.get("days")),
            materials=self.texts(given["materials"]) if "materials" in given else (),
            tracks=self.tracks(given.get("tracks")),
            sources=(source,),
        )
        tree = self.conditions(given.get("conditions"))
        return replace(measure, **texts, **money, **periods, clauses=rows_of(tree))  # type: ignore[arg-type]

    def days(self, node: yaml.Node | None) -> int | None:
        digits = self.text(node) if node is not None else ""
        if not digits:
            return None
        if not digits.isdigit() or node is None:
            raise _Wrong(node or yaml.ScalarNode("", ""), "unreadable-value", _("工作日数，如 20"), _("请只写数字。"))
        return int(digits)

    def tracks(self, node: yaml.Node | None) -> tuple[str, ...]:
        named = self.texts(node) if node is not None else ()
        for track in named:
            if track not in TRACKS and node is not None:
                self.note(_Wrong(node, "unknown-track", "、".join(TRACKS), _("请用 13 个赛道的名称。"), track))
        return tuple(track for track in named if track in TRACKS)

    def conditions(self, node: yaml.Node | None) -> Group:
        if node is None:
            return Group("all", ())
        if isinstance(node, yaml.SequenceNode):
            return Group("all", self.members(node, 0))
        rule = self.rule(node, 0)
        plain = isinstance(rule, Group) and rule.join == "all" and not (rule.heading and rule.heading.text)
        return rule if plain and isinstance(rule, Group) else Group("all", (rule,) if rule is not None else ())

    def members(self, node: yaml.Node, depth: int) -> tuple[Rule, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise _Wrong(node, "empty-group", _("至少一个条件"), _("请在其下列出条件。"))
        return tuple(rule for item in node.value if (rule := self.rule(item, depth + 1)) is not None)

    def rule(self, node: yaml.Node, depth: int) -> Rule | None:
        """A condition, or ``None`` with a finding where it cannot be used: it is left to a person then."""
        self.count()
        if depth > DEEPEST:
            raise _Wrong(node, "unexpected-shape", _("不超过 {count} 层").format(count=DEEPEST), _("请拆成几条。"))
        if isinstance(node, yaml.ScalarNode):  # a sentence of its own
            self.found.clauses += 1
            return Clause("", "", self.text(node), source=self.source(node))
        given = self.mapping(node, (*_ASKS, *_OF_CLAUSE, *_JOINS, "of", "years", "manner"))
        joins = [key for key in _JOINS if key in given]
        if len(joins) > 1:
            raise _Wrong(node, "unexpected-shape", "all、any、none、not、at_least 之一", _("请拆成两层。"))
        if joins:
            return self.group(node, given, joins[0], depth)
        self.found.clauses += 1
        try:
            return self.clause(node, given)
        except _Wrong as wrong:
            self.note(wrong)
            text = self.text(given["text"]) if "text" in given else _shown(node)
            return Clause("", "", text, operator="人工认定", source=self.source(node))

    def source(self, node: yaml.Node) -> SourceRow:
        return SourceRow(self.name, "", node.start_mark.line + 1)

    def group(self, node: yaml.Node, given: Mapping[str, yaml.Node], join: str, depth: int) -> Group:
        number, kind, text = (self.text(given[key]) if key in given else "" for key in ("number", "kind", "text"))
        heading = Clause(number, kind, text, source=self.source(node))
        if join == "at_least":
            digits = self.text(given[join])
            if not digits.isdigit() or "of" not in given:
                raise _Wrong(given[join], "unexpected-shape", _("at_least: 个数，of: 条件列表"), _("请补写。"))
            return Group("at least", self.members(given["of"], depth), int(digits), heading)
        if join == "not":
            rule = self.rule(given[join], depth + 1)
            return Group("none", (rule,) if rule is not None else (), 0, heading)
        return Group(join, self.members(given[join], depth), 0, heading)

    def clause(self, node: yaml.Node, given: Mapping[str, yaml.Node]) -> Clause:
        asks = [key for key in _ASKS if key in given]
        if "text" in asks and len(asks) > 1:
            asks.remove("text")
        if len(asks) != 1:
            raise _Wrong(
                node, "unexpected-shape", "fact、sum、ratio、growth、measure、human、text 之一", _("请拆成几条。")
            )
        (ask,) = asks
        readers: Mapping[str, Callable[[], tuple[str, str, str]]] = {
            "measure": lambda: ("政策", "符合", self.text(given["measure"])),
            "human": lambda: ("", "人工认定", ""),
            "text": lambda: ("", self.text(given["op"]) if "op" in given else "", ""),
        }
        own = readers.get(ask)
        fact, operator, value = own() if own else (self.expression(given, ask), *self.compared(given))
        return Clause(
            number=self.text(given["number"]) if "number" in given else "",
            kind=self.text(given["kind"]) if "kind" in given else "",
            text=self.text(given["human" if ask == "human" else "text"]) if ask == "human" or "text" in given else "",
            fact=fact,
            operator=operator,
            value=value,
            source=self.source(node),
        )

    def expression(self, given: Mapping[str, yaml.Node], ask: str) -> str:
        node = given[ask]
        if ask == "fact":
            return self.text(node)
        if ask == "sum":
            if isinstance(node, yaml.MappingNode):
                terms = [(name, self.text(factor)) for name, factor in _pairs(node)]
                return "+".join(name if factor in ("1", "1.0") else f"{factor}×{name}" for name, factor in terms)
            return "+".join(self.texts(node))
        if ask == "ratio":
            sides = self.texts(node)
            if len(sides) != 2:
                raise _Wrong(node, "unexpected-shape", _("[分子, 分母]"), _("请写两个事实。"))
            return "÷".join(sides)
        years = self.text(given["years"]) if "years" in given else "1"
        manner = self.text(given["manner"]) if "manner" in given else ""
        if years == "1":
            return f"{self.text(node)}同比增长率"
        if manner not in ("每年", "年均", "累计"):
            raise _Wrong(
                node, "unexpected-shape", _("manner: 每年、年均 或 累计"), _("请写明是逐年、年均还是累计增长。")
            )
        return f"{self.text(node)}近{years}年{manner}增长率"

    def compared(self, given: Mapping[str, yaml.Node]) -> tuple[str, str]:
        operator = self.text(given["op"]) if "op" in given else ""
        if "tiers" in given:
            return operator, self.tiers(given["tiers"])
        node = given.get("value")
        if node is None:
            return operator, ""
        if isinstance(node, yaml.MappingNode):
            return operator, written_dated(tuple(self.dated(node)))
        if isinstance(node, yaml.SequenceNode):
            return operator, "、".join(self.texts(node))
        return operator, self.text(node)

    def dated(self, node: yaml.MappingNode) -> Iterator[DatedValue]:
        for key, value in _pairs(node):
            if key == "always":
                yield DatedValue(None, self.text(value))
                continue
            try:
                yield DatedValue(date.fromisoformat(key), self.text(value))
            except ValueError:
                raise _Wrong(
                    value, "unreadable-value", _("生效日期，如 2026-01-01，或 always"), _("请改写日期。"), key
                ) from None

    def tiers(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.SequenceNode):
            raise _Wrong(node, "unexpected-shape", _("分档列表"), _("请按“规则文件”格式改写。"))
        written = []
        for item in node.value:
            tier = self.mapping(item, ("when", "value", "otherwise"))
            if "otherwise" in tier:
                written.append(f"其余：{self.text(tier['otherwise'])}")
            elif "when" in tier and "value" in tier:
                written.append(f"{self.text(tier['when'])}：{self.text(tier['value'])}")
            else:
                raise _Wrong(item, "unexpected-shape", _("when 和 value，或 otherwise"), _("请补写。"))
        return "；".join(written)


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (one_line(key.value) if isinstance(key, yaml.ScalarNode) else ""), value


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return one_line(node.value)
    words = [_shown(part) for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))][:12]
    text = " ".join(words)
    return text if len(text) <= 80 else text[:79] + "…"
