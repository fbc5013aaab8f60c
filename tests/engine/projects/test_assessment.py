from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import yingcheng.projects.assessment as module
from yingcheng.errors import SettingsError
from yingcheng.projects import follow_up, load_formula
from yingcheng.projects.assessment import QuantityRule, measure_quantity, standard_quantities
from yingcheng.projects.formula import FormulaFault, parse_formula
from yingcheng.projects.records import Assessment, Project, StageEvent
from yingcheng.standards.money import Money

DAY = date(2026, 6, 30)
SIGNED = date(2026, 2, 1)


def yi(amount: int) -> Money:
    return Money(Decimal(amount * 10**8), Decimal(amount * 10**8), "CNY", f"{amount}亿元")


def signed(number: str, investment: int | None = None, day: date | None = SIGNED, **fields: object) -> Project:
    return Project(
        number,
        f"项目{number}",
        investment=None if investment is None else yi(investment),
        events=(StageEvent("签约", day),),
        stage="签约",
        **fields,  # type: ignore[arg-type]
    )


def assess(tmp_path: Path, text: str, projects: list[Project]) -> Assessment:
    path = tmp_path / "考核办法.toml"
    path.write_text(text, encoding="utf-8")
    found = follow_up(projects, as_of=DAY, formula=load_formula(path)).assessment
    assert found is not None
    return found


def line(formula: str, more: str = "") -> str:
    return f'title = "考核"\n{more}\n[[lines]]\nname = "得分"\nformula = "{formula}"\n'


def faults(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "考核办法.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_formula(path)
    assert caught.value.where == "考核办法.toml"
    return caught.value.faults


def test_the_documented_example_loads_and_scores(tmp_path: Path) -> None:
    example = (module.__doc__ or "").split("::\n", 1)[1].split("\nFormulas may use")[0]
    projects = [signed("A", 20, is_new=True), signed("B", 5, is_new=True), signed("C", 8, is_new=False)]
    found = assess(tmp_path, "\n".join(text.removeprefix("    ") for text in example.splitlines()), projects)
    assert found.effective == date(2025, 1, 1)
    assert [(item.name, item.points, item.full) for item in found.lines] == [
        ("新引进项目数", 5.0, 30.0),
        ("重大项目加分", 4.0, None),
    ]
    assert found.lines[0].rows == ("A", "B")
    assert found.lines[1].rows == ("A",)
    assert (found.total, found.full) == (9.0, 30.0)


def test_published_signing_formula(tmp_path: Path) -> None:
    text = line(
        "[(签约个数÷签约个数目标)×50% + (签约金额÷签约金额目标)×50%] × 100",
        "[targets]\n签约个数目标 = 4\n签约金额目标 = 60",
    )
    found = assess(tmp_path, text, [signed("A", 20), signed("B", 10)])
    assert found.total == 50.0  # 2/4 and 30/60


def test_fit_share_deduction_and_caps(tmp_path: Path) -> None:
    text = """
    title = "季度"
    [given.弄虚作假项目数]
    value = 1
    source = "督查通报"
    [[lines]]
    name = "产业契合度"
    formula = "契合项目数 / 新引进项目数 * 20"
    full = 20
    [[lines]]
    name = "扣分"
    formula = "－超时限未开工项目数×0.1 － 弄虚作假项目数×0.2"
    floor = -5
    [[lines]]
    name = "新引进"
    formula = "新引进项目数 × 100"
    full = 30
    """
    late = {"start_due": date(2026, 3, 1)}
    projects = [
        signed("A", is_new=True, fits_industry=True, **late),
        signed("B", is_new=True, fits_industry=False),
        signed("C", is_new=False, fits_industry=True, **late),
    ]
    found = assess(tmp_path, text, projects)
    assert [item.points for item in found.lines] == [10.0, -0.4, 30.0]
    assert found.lines[2].value == 200.0
    assert found.lines[1].rows == ("A", "C")
    assert "督查通报" in found.lines[1].note


def test_what_nobody_reported_is_unknown_not_zero(tmp_path: Path) -> None:
    text = line("实际到位资金 / 10 * 20") + '[[lines]]\nname = "签约"\nformula = "签约个数"\n'
    found = assess(tmp_path, text, [signed("A", 20)])
    unknown, known = found.lines
    assert (unknown.value, unknown.points) == (None, None)
    assert "到位资金" in unknown.note
    assert known.points == 1.0
    assert (found.total, found.known) == (None, 1.0)
    with_money = assess(tmp_path, text, [signed("A", 20, paid_in=yi(5)), signed("B", 1)])
    assert with_money.lines[0].points == 10.0
    assert with_money.lines[0].rows == ("A",)
    assert "1个项目未填" in with_money.lines[0].note


def test_division_by_zero_is_unknown(tmp_path: Path) -> None:
    found = assess(tmp_path, line("契合项目数 / 新引进项目数 * 20"), [])
    assert found.lines[0].points is None
    assert "除数为0" in found.lines[0].note


def test_period_counts_by_date_and_tells_of_undated(tmp_path: Path) -> None:
    text = line("签约个数", "[period]\nstart = 2026-01-01\nend = 2026-03-31")
    projects = [
        signed("A"),
        signed("B", day=date(2026, 4, 1)),
        signed("C", day=None),
        signed("D", day=date(2026, 3, 31)),
    ]
    found = assess(tmp_path, text, projects)
    assert found.lines[0].rows == ("A", "D")
    assert found.lines[0].value == 2.0
    assert "1个项目没有签约日期" in found.lines[0].note


def test_size_bounds_of_own_quantities() -> None:
    rule = QuantityRule("十亿元以上", "签约", at_least=Decimal(10), below=Decimal(50))
    projects = [signed("A", 9), signed("B", 10), signed("C", 50), signed("D")]
    figure = measure_quantity(rule, projects, ())
    assert figure.rows == ("B",)
    assert "投资额" in figure.note


def test_meeting_days_are_counted_once() -> None:
    rule = next(rule for rule in standard_quantities() if rule.name == "对接场次")
    day = StageEvent("对接", SIGNED)
    projects = [Project("A", "a", events=(day,)), Project("B", "b", events=(day,)), Project("C", "c", stage="对接")]
    assert measure_quantity(rule, projects, ()).value == 1


def test_every_fault_is_listed_with_suggestions(tmp_path: Path) -> None:
    text = """
    titel = "考核"
    effective = "2025-01-01"
    [targets]
    签约个数 = 5
    2026年目标 = 1
    目标 = "很多"
    [[quantities]]
    name = "大项目"
    stage = "签了"
    [[lines]]
    name = "甲"
    formula = "签约各数 * 2"
    [[lines]]
    name = "乙"
    formula = "__import__('os').system('true')"
    [[lines]]
    name = "丙"
    formula = "1 +"
    [[lines]]
    name = "丁"
    """
    found = faults(tmp_path, text)
    assert len(found) == 10
    expected = [
        "title",
        "effective",
        "目标",
        "stage",
        "签约个数",
        "2026年目标",
        "签约个数",
        "不能用于公式",
        "不是完整的算式",
        "丁",
    ]
    for word in expected:
        assert any(word in fault for fault in found), word
    assert any("签约各数" in fault and "您是否要写：签约个数" in fault for fault in found)


def test_broken_toml_and_missing_file_are_settings_errors(tmp_path: Path) -> None:
    assert faults(tmp_path, "title = ")
    with pytest.raises(SettingsError):
        load_formula(tmp_path / "没有.toml")


@pytest.mark.parametrize(
    "text",
    [
        "a.b",
        "a[0]",
        "lambda: 1",
        "a if b else c",
        "2 ** 3",
        "1 // 2",
        "'x'",
        "True",
        "sum(a)",
        "min()",
        "min(a, key=b)",
        "a; b",
        "1j",
        "(a := 1)",
        "[a for a in b]",
        "a" * 3000,
        "(" * 500 + "1" + ")" * 500,
    ],
)
def test_only_arithmetic_is_allowed(text: str) -> None:
    with pytest.raises(FormulaFault):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 × 3", "7"),
        ("（1＋2）×3", "9"),
        ("【a÷4】", "0.5"),
        ("50%×a", "1"),
        ("min(a，5)", "2"),
        ("最大值(a, 5) - -1", "6"),
        ("+0.1+0.2", "0.3"),
    ],
)
def test_formulas_as_officers_write_them(text: str, value: str) -> None:
    assert parse_formula(text).evaluate({"a": Decimal(2)}) == Decimal(value)


@given(st.text(alphabet="ab1.+-*/()×÷%,，min 目标[]", max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expression = parse_formula(text)
    except FormulaFault:
        return
    result = expression.evaluate(dict.fromkeys(expression.names, Decimal(3)))
    assert result is None or isinstance(result, Decimal)


def test_an_extreme_of_one_value_is_that_value(tmp_path: Path) -> None:
    assert assess(tmp_path, line("max(项目数) + min(3)"), [signed("A"), signed("B")]).lines[0].points == 5


def test_an_endless_number_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, line("项目数 × 1e999"))
    assert "不是有限的数字" in fault
