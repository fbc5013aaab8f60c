"""Speed of deciding who is reached, beside CEL and JSON Logic on the same rules.

::

    python benchmarks/measures.py [--measures 200] [--enterprises 50000] [--peers 200] [--repeat 3]

Measures and enterprises are made from a fixed seed: four to nine conditions each, with alternatives, "at least", names
of qualifications, places, ages, a ratio, a tier table. First everything is known: cel-python (``celpy``) and JSON Logic
(``json-logic-qubit``) get the same rules, compiled once where the package can, on the first ``--peers`` enterprises;
every answer must be ours. Then a third of the facts is taken away, which neither of them can decide: a name CEL does
not know is an error, JSON Logic takes it for no. Seconds are medians of the repeats, in one process; reading the rules
and making the columns of facts are counted as ours, compiling theirs is not. Traces are timed on their own.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import celpy
import json_logic

from yingcheng.measures import Reach, assess
from yingcheng.measures.conditions import Age, All, AtLeast, Between, Compare, Condition, Has, Linear, Not, Within
from yingcheng.measures.conditions import Any as AnyOf
from yingcheng.measures.reading import read_measures
from yingcheng.measures.records import Clause, Fact, Facts, FactValue, Measure, Verdict
from yingcheng.standards.qualifications import implied_qualifications, known_qualifications

AS_OF = date(2026, 6, 30)
CITIES = ("太原市", "大同市", "阳泉市", "长治市", "晋城市", "朔州市", "晋中市", "运城市", "忻州市", "临汾市", "吕梁市")
NUMBERS = {"注册资本": 5e7, "营业收入": 2e8, "研发投入": 6e6, "员工人数": 400, "专利数": 60, "纳税额": 5e6}
MONEY = ("注册资本", "营业收入", "研发投入", "纳税额")
TIERS = "营业收入<5000万元：5%；营业收入<2亿元：4%；其余：3%"


def _clause(draw: random.Random, outline: str) -> Clause:
    kind = draw.choice(("number", "number", "number", "has", "place", "age", "flag", "ratio", "tiers"))
    if kind == "number":
        fact = draw.choice(list(NUMBERS))
        amount = round(NUMBERS[fact] * draw.uniform(0.05, 0.9))
        value = f"{amount}{'元' if fact in MONEY else ''}"
        return Clause("", "", "", fact, draw.choice(("≥", "≥", "≤", ">")), value, outline=outline)
    if kind == "has":
        names = draw.sample(known_qualifications(), 2)
        return Clause("", "", "", "资质", draw.choice(("具有", "不具有")), "、".join(names), outline=outline)
    if kind == "place":
        return Clause("", "", "", "注册地", "属于", "、".join(draw.sample(CITIES, 4)), outline=outline)
    if kind == "age":
        return Clause("", "", "", "成立年限", "满", f"{draw.randint(1, 8)}年", outline=outline)
    if kind == "flag":
        return Clause("", "", "", draw.choice(("经营异常", "严重失信")), "否", outline=outline)
    value = TIERS if kind == "tiers" else f"{draw.randint(2, 8)}%"
    return Clause("", "", "", "研发投入÷营业收入", "≥", value, outline=outline)


def make_measures(count: int) -> list[Measure]:
    """Fictional measures."""
    draw = random.Random(1)  # noqa: S311 — repeatable, not secret
    made = []
    for number in range(count):
        rows = [_clause(draw, str(index)) for index in range(1, draw.randint(3, 5))]
        join = draw.choice(("任一满足", "任一满足", "至少满足2项"))
        rows.append(Clause("", "", "", operator=join, outline="9"))
        rows += [_clause(draw, f"9.{index}") for index in range(1, draw.randint(3, 5))]
        made.append(Measure(f"M{number}", f"政策{number}（虚构）", clauses=tuple(rows)))
    return made


def make_facts(count: int) -> dict[str, dict[str, FactValue]]:
    """Fictional enterprises, everything known about them."""
    draw = random.Random(2)  # noqa: S311 — as above
    names = known_qualifications()
    found = {}
    for number in range(count):
        facts: dict[str, FactValue] = {
            name: Decimal(round(middle * draw.lognormvariate(-0.7, 1.0))) for name, middle in NUMBERS.items()
        }
        facts["资质"] = tuple(draw.sample(names, draw.randint(0, 3)))
        facts["注册地"] = f"山西省{draw.choice(CITIES)}"
        facts["注册日期"] = date.fromordinal(AS_OF.toordinal() - draw.randint(100, 6000))
        facts["经营异常"], facts["严重失信"] = draw.random() < 0.05, draw.random() < 0.03
        found[f"E{number}"] = facts
    return found


def as_facts(values: Mapping[str, Mapping[str, FactValue]]) -> dict[str, Facts]:
    """As our engine wants them."""
    return {name: {fact: Fact(value, "") for fact, value in facts.items()} for name, facts in values.items()}


# The same rules for the peers. Days are counted, names of facts are ASCII, a qualification brings those it implies.

SHORT = {
    name: f"f{number}" for number, name in enumerate((*NUMBERS, "资质", "注册地", "注册日期", "经营异常", "严重失信"))
}


def plain(facts: Mapping[str, FactValue]) -> dict[str, Any]:
    """Facts for the peers."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Decimal):
            found[SHORT[name]] = float(value)
        elif isinstance(value, date):
            found[SHORT[name]] = float(value.toordinal())
        elif isinstance(value, tuple):
            found[SHORT[name]] = [implied for entry in value for implied in implied_qualifications(entry)]
        else:
            found[SHORT[name]] = value
    return found


def _sides(leaf: Condition) -> list[tuple[list[tuple[str, float]], str, float]]:
    """Weighted sums that must all compare so."""
    if isinstance(leaf, Compare) and isinstance(leaf.value, Decimal):
        return [([(leaf.fact, 1.0)], leaf.operator, float(leaf.value))]
    if isinstance(leaf, Between):
        return [([(leaf.fact, 1.0)], ">=", float(str(leaf.low))), ([(leaf.fact, 1.0)], "<=", float(str(leaf.high)))]
    if isinstance(leaf, Age):
        turned = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}[leaf.operator]
        return [([(leaf.fact, 1.0)], turned, float(leaf.points[0].toordinal()))]  # type: ignore[union-attr]
    if isinstance(leaf, Linear):
        positive = [([(name, 1.0)], ">", 0.0) for name in leaf.positive]
        return [*positive, ([(name, float(factor)) for name, factor in leaf.terms], leaf.operator, float(leaf.value))]
    raise TypeError(leaf)


def as_cel(condition: Condition) -> str:
    """The rule as a CEL expression."""
    if isinstance(condition, All | AnyOf):
        sign = " && " if isinstance(condition, All) else " || "
        return "(" + sign.join(map(as_cel, condition.parts)) + ")"
    if isinstance(condition, AtLeast):
        return "(" + " + ".join(f"({as_cel(part)} ? 1 : 0)" for part in condition.parts) + f" >= {condition.count})"
    if isinstance(condition, Not):
        return f"!{as_cel(condition.part)}"
    if isinstance(condition, Has):
        return f"('{condition.wanted}' in {SHORT[condition.fact]})"
    if isinstance(condition, Within):
        return f"{SHORT[condition.fact]}.startsWith('{condition.path}')"
    if isinstance(condition, Compare) and isinstance(condition.value, bool):
        return f"({SHORT[condition.fact]} == {str(condition.value).lower()})"
    return "(" + " && ".join(
        f"({' + '.join(SHORT[n] if f == 1 else f'{SHORT[n]} * {f!r}' for n, f in terms)} {sign} {value!r})"
        for terms, sign, value in _sides(condition)
    ) + ")"  # fmt: skip


def as_json_logic(condition: Condition) -> Any:
    """The rule as JSON Logic."""
    if isinstance(condition, All | AnyOf):
        return {"and" if isinstance(condition, All) else "or": [as_json_logic(part) for part in condition.parts]}
    if isinstance(condition, AtLeast):
        ones = [{"if": [as_json_logic(part), 1, 0]} for part in condition.parts]
        return {">=": [{"+": ones}, condition.count]}
    if isinstance(condition, Not):
        return {"!": [as_json_logic(condition.part)]}
    if isinstance(condition, Has):
        return {"in": [condition.wanted, {"var": SHORT[condition.fact]}]}
    if isinstance(condition, Within):
        return {"==": [{"substr": [{"var": SHORT[condition.fact]}, 0, len(condition.path)]}, condition.path]}
    if isinstance(condition, Compare) and isinstance(condition.value, bool):
        return {"==": [{"var": SHORT[condition.fact]}, condition.value]}
    parts = [
        {sign: [{"+": [{"*": [{"var": SHORT[n]}, f]} for n, f in terms]}, value]}
        for terms, sign, value in _sides(condition)
    ]
    return {"and": parts}


def seconds(run: Callable[[], Any], repeat: int) -> float:
    """Median over the repeats."""
    spent = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        spent.append(time.perf_counter() - start)
    return median(spent)


def answers_of(reach: Reach, count: int) -> list[list[bool]]:
    """Our answers, all of them yes or no."""
    verdicts = [[reach.verdict(m, e) for e in range(count)] for m in range(len(reach.measures))]
    if any(verdict is Verdict.UNKNOWN for row in verdicts for verdict in row):
        raise SystemExit("an answer is open although every fact is known")
    return [[verdict is Verdict.YES for verdict in row] for row in verdicts]


def peers(conditions: list[Condition], facts: list[dict[str, Any]]) -> dict[str, Callable[[], list[list[bool]]]]:
    """How each package decides every rule for every enterprise."""
    environment = celpy.Environment()
    programs = [environment.program(environment.compile(as_cel(condition))) for condition in conditions]
    activations = [{name: celpy.json_to_cel(value) for name, value in of.items()} for of in facts]
    logic = [as_json_logic(condition) for condition in conditions]
    return {
        "celpy": lambda: [[bool(program.evaluate(of)) for of in activations] for program in programs],
        "json_logic": lambda: [[bool(json_logic.jsonLogic(rule, of)) for of in facts] for rule in logic],
    }


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measures", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    parser.add_argument("--peers", type=int, default=200, help="enterprises that the peers decide")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    measures, values = make_measures(given.measures), make_facts(given.enterprises)
    complete = as_facts(values)
    pairs = given.measures * given.enterprises
    reach = assess(measures, complete, as_of=AS_OF)
    ours = seconds(lambda: assess(measures, complete, as_of=AS_OF), given.repeat)
    readings = read_measures(measures, as_of=AS_OF)
    few = list(values.values())[: given.peers]
    rows = peers([reading.condition for reading in readings], [plain(facts) for facts in few])
    expected = answers_of(reach, len(few))
    per_pair = ours / pairs
    print(f"{given.measures} measures x {given.enterprises} enterprises, every fact known")
    print("| | seconds | decisions | microseconds each | ÷ yingcheng | answers |\n|---|---|---|---|---|---|")
    print(f"| yingcheng | {ours:.2f} | {pairs:,} | {per_pair * 1e6:.3f} | 1 | |")
    for name, run in rows.items():
        found = run()
        different = sum(a != b for x, y in zip(found, expected, strict=True) for a, b in zip(x, y, strict=True))
        spent = seconds(run, given.repeat)
        count = given.measures * len(few)
        print(
            f"| {name} | {spent:.2f} | {count:,} | {spent / count * 1e6:.1f} | {spent / count / per_pair:,.0f} "
            f"| {'all the same' if not different else f'{different} different'} |"
        )
    draw = random.Random(3)  # noqa: S311 — as above
    partial = {n: {f: fact for f, fact in facts.items() if draw.random() < 0.67} for n, facts in complete.items()}
    ours = seconds(lambda: assess(measures, partial, as_of=AS_OF), given.repeat)
    reach = assess(measures, partial, as_of=AS_OF)
    counts = {v: sum(reach.count(m, v) for m in range(len(measures))) for v in Verdict}
    print(f"\nA third of the facts missing: {ours:.2f} s; " + ", ".join(f"{v} {n:,}" for v, n in counts.items()))
    sample = [(draw.randrange(len(measures)), draw.randrange(len(partial))) for _ in range(10_000)]
    spent = seconds(lambda: [reach.application(m, e) for m, e in sample], 1)
    print(f"Traces on demand: {spent / len(sample) * 1e6:.0f} microseconds for a pair, what is missing included")
    spent = seconds(lambda: [reach.missing(m, e) for m, e in sample], 1)
    print(f"Missing facts of the same pairs again: {spent / len(sample) * 1e6:.1f} microseconds")


if __name__ == "__main__":
    main()
