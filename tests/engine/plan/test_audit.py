"""The audit finds the formula a table was made with, in Chinese and English headings, and never excuses a wrong one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.errors import UnusableInput
from yingcheng.plan.audit import Audit, Verdict, audit_table
from yingcheng.plan.audit_table import read_published
from yingcheng.plan.formulas import Array, corrected_coupling, coupling, development

CHINESE = ("年份", "人口子系统", "空间子系统", "产业子系统", "耦合度C", "综合协调指数T", "耦合协调度D", "协调等级")


def levels_of(seed: int, *, rows: int = 12, k: int = 3, low: float = 0.08) -> Array:
    return np.random.default_rng(seed).uniform(low, 0.95, (rows, k)).round(4)


def printed(levels: Array, *columns: Array, digits: int = 4, first: int = 2008) -> list[list[str]]:
    return [
        [str(first + i), *(f"{level:.4f}" for level in row), *(f"{column[i]:.{digits}f}" for column in columns), "中级"]
        for i, row in enumerate(levels)
    ]


def audited(levels: Array, c: Array | None, t: Array | None, d: Array | None, *, digits: int = 4) -> Audit:
    k = levels.shape[1]
    told = [(name, column) for name, column in (("C", c), ("T", t), ("D", d)) if column is not None]
    headers = ["year", *(f"U{i + 1}" for i in range(k)), *(name for name, _column in told), "grade"]
    rows = printed(levels, *(column for _name, column in told), digits=digits)
    return audit_table(read_published("表.csv", headers, rows))


def by_name(done: Audit, column: str) -> tuple[Verdict, str, str]:
    match = next(match for match in done.matches if match.column == column)
    return match.verdict, match.formula, match.remark


def degree(c: Array, t: Array) -> Array:
    return np.sqrt(c * t)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 4]), st.sampled_from([3, 4]), st.booleans())
def test_a_right_table_is_reproduced_whatever_its_weights(seed: int, k: int, digits: int, corrected: bool) -> None:
    levels = levels_of(seed, k=k)
    parts = np.random.default_rng(seed).integers(1, 6, k)
    weights = (np.ones(k) if seed % 2 else parts) / (k if seed % 2 else parts.sum())
    c = corrected_coupling(levels) if corrected else coupling(levels)
    t = levels @ weights
    done = audited(levels, c, t, degree(c, t), digits=digits)
    assert done.verdict is Verdict.REPRODUCED
    assert done.weights == pytest.approx(tuple(weights), abs=0.03)
    assert not any(match.slips for match in done.matches)
    assert [row.degree for row in done.rows] == pytest.approx(
        np.sqrt(coupling(levels) * development(levels, np.asarray(done.weights))).tolist()
    )


def test_chinese_headings_are_understood() -> None:
    levels = levels_of(1)
    c, t = coupling(levels), development(levels)
    table = read_published("表.xlsx", CHINESE, printed(levels, c, t, degree(c, t)))
    assert [column.header for column in table.levels] == list(CHINESE[1:4])
    assert table.labels[0] == "2008 中级"
    assert audit_table(table).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    "headers",
    [
        ("城市", "人口综合评价指数", "空间综合评价指数", "产业综合评价指数", "耦合度", "综合评价指数", "耦合协调度",
         "类型"),
        ("City", "Population level", "Space level", "Industry level", "Coupling degree", "Comprehensive index",
         "Coupling coordination degree", "Type"),
        ("Year", "U1", "U2", "U3", "C value", "T value", "CCD", "Rank"),
    ],
)  # fmt: skip
def test_headings_of_real_papers_are_understood(headers: tuple[str, ...]) -> None:
    levels = levels_of(2)
    c, t = coupling(levels), development(levels)
    table = read_published("表", headers, printed(levels, c, t, degree(c, t)))
    assert [column.header for column in table.levels] == list(headers[1:4])
    assert (table.coupling, table.development, table.degree) != (None, None, None)
    assert audit_table(table).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("formula", "remark"),
    [
        (lambda u: coupling(u) / 3, "漏乘系数"),
        (lambda u: coupling(u) ** 3, "漏开 K 次方"),
        (lambda u: u.prod(axis=1) / u.sum(axis=1) ** 3, "漏乘系数又漏开方"),
        (lambda u: coupling(u) ** 6, "k = 2"),
        (lambda u: 1 - u.std(axis=1) / u.mean(axis=1), "离差系数式（总体"),
        (lambda u: 1 - u.std(axis=1, ddof=1) / u.mean(axis=1), "离差系数式（样本"),
        (
            lambda u: 2 * (u.prod(axis=1) / (u[:, :2].sum(1) * u[:, 1:].sum(1) * u[:, ::2].sum(1))) ** (1 / 3),
            "两两之和的旧式：",
        ),
    ],
)
def test_known_wrong_couplings_are_named(formula: Callable[[Array], Array], remark: str) -> None:
    levels = levels_of(3, low=0.3)
    c, t = formula(levels), development(levels)
    done = audited(levels, c, t, degree(c, t), digits=5)
    assert done.verdict is Verdict.VARIANT
    verdict, _formula, told = by_name(done, "C")
    assert verdict is Verdict.VARIANT
    assert remark in told
    assert by_name(done, "D")[0] is Verdict.VARIANT
    # The right figures stand beside them.
    assert done.rows[0].coupling == pytest.approx(coupling(levels)[0])


def test_the_exponent_of_a_two_system_paper_is_found() -> None:
    levels = levels_of(4, k=2)
    c = (4 * levels.prod(axis=1) / levels.sum(axis=1) ** 2) ** 2
    done = audited(levels, c, development(levels), None)
    match = done.matches[0]
    assert match.formula == "C = [ΠU/(ΣU/K)^K]^2"
    assert match.exponent == 4


def test_the_missing_square_of_two_systems_is_named() -> None:
    levels = levels_of(5, k=2)
    c = 2 * np.sqrt(levels.prod(axis=1) / levels.sum(axis=1))
    assert "漏平方" in by_name(audited(levels, c, None, None), "C")[2]


def test_a_d_that_is_really_c_or_t_is_flagged() -> None:
    levels = levels_of(6)
    done = audited(levels, None, None, coupling(levels))
    assert done.verdict is Verdict.MISLABELLED
    assert "其实是耦合度 C" in by_name(done, "D")[2]
    done = audited(levels, coupling(levels), development(levels), development(levels))
    assert done.verdict is Verdict.MISLABELLED
    assert "其实是综合发展水平 T" in by_name(done, "D")[2]


def test_a_forgotten_root_is_named() -> None:
    levels = levels_of(7)
    c, t = coupling(levels), development(levels)
    verdict, formula, remark = by_name(audited(levels, c, t, c * t), "D")
    assert (verdict, remark) == (Verdict.VARIANT, "漏开平方")
    assert "(C·T)^1" in formula


def test_a_sum_in_place_of_a_mean_is_named() -> None:
    levels = levels_of(8)
    verdict, formula, remark = by_name(audited(levels, None, levels.sum(axis=1), None), "T")
    assert (verdict, formula) == (Verdict.VARIANT, "T = ΣU")
    assert "超过 1" in remark


def test_weights_are_found_from_d_alone() -> None:
    levels = levels_of(9)
    d = np.sqrt(coupling(levels) * (levels @ np.array([0.2, 0.3, 0.5])))
    done = audited(levels, None, None, d)
    assert done.verdict is Verdict.REPRODUCED
    assert done.weights_found
    assert done.weights == pytest.approx((0.2, 0.3, 0.5))


def test_one_slip_in_ten_is_named_and_more_are_not_excused() -> None:
    levels = levels_of(10, rows=20)
    c, t = coupling(levels), development(levels)
    d = degree(c, t)
    d[3] += 0.01
    done = audited(levels, c, t, d)
    assert done.verdict is Verdict.REPRODUCED
    slips = [slip for match in done.matches for slip in match.slips]
    assert [(slip.label, slip.published) for slip in slips] == [("2011 中级", pytest.approx(d[3], abs=1e-4))]
    assert slips[0].right == pytest.approx(d[3] - 0.01, abs=1e-4)
    d[4:8] += 0.01
    assert audited(levels, c, t, d).verdict is Verdict.UNREPRODUCED


def test_noise_is_not_reproduced() -> None:
    levels = levels_of(11)
    noise = np.random.default_rng(0).uniform(0.2, 0.9, (3, len(levels)))
    done = audited(levels, *noise)
    assert done.verdict is Verdict.UNREPRODUCED
    assert [match.verdict for match in done.matches] == [Verdict.UNREPRODUCED] * 3
    assert all(match.off > 0 for match in done.matches)


def test_few_rows_do_not_prove_weights() -> None:
    levels = levels_of(12, rows=3)
    done = audited(levels, None, levels @ np.array([0.11, 0.33, 0.56]), None)
    assert done.verdict is Verdict.UNREPRODUCED


def test_a_d_that_follows_from_printed_c_and_t_is_not_blamed() -> None:
    levels = levels_of(13)
    c, t = np.random.default_rng(1).uniform(0.3, 0.9, (2, len(levels))).round(4)
    done = audited(levels, c, t, degree(c, t))
    assert by_name(done, "C")[0] is Verdict.UNREPRODUCED
    assert by_name(done, "D")[0] is Verdict.REPRODUCED
    assert "由公布的 C、T" in by_name(done, "D")[1]


def test_columns_may_be_named() -> None:
    levels = levels_of(14, k=2)
    d = np.sqrt(coupling(levels) * development(levels))
    rows = [[f"{a:.4f}", f"{b:.4f}", f"{c:.4f}"] for (a, b), c in zip(levels, d, strict=True)]
    with pytest.raises(UnusableInput, match="甲、乙、丙"):
        read_published("表", ("甲", "乙", "丙"), rows)
    table = read_published("表", ("甲", "乙", "丙"), rows, levels=("甲", "乙"), degree="丙")
    assert audit_table(table).verdict is Verdict.REPRODUCED
    with pytest.raises(UnusableInput, match="没有“丁”"):
        read_published("表", ("甲", "乙", "丙"), rows, levels=("甲", "丁"), degree="丙")


def test_what_cannot_be_levels_is_refused() -> None:
    rows = [[f"{i}.5", "0.3", "0.4", "0.5"] for i in range(12)]
    with pytest.raises(UnusableInput, match="不在 0—1"):
        read_published("表", ("U1", "U2", "U3", "D"), rows)
    full, first, second = ["0.1", "0.2", "0.3"], ["0.1", "—", "0.3"], ["—", "0.2", "0.3"]
    with pytest.raises(UnusableInput, match="不足 3 行"):
        read_published("表", ("U1", "U2", "D"), [full, full, first, second])


def test_rows_with_a_gap_are_left_out_and_digits_are_those_printed() -> None:
    levels = levels_of(15)
    c, t = coupling(levels), development(levels)
    rows = printed(levels, c, t, degree(c, t), digits=3)
    rows[2][4] = "—"
    table = read_published("表.xlsx", CHINESE, rows)
    assert len(table.labels) == len(levels) - 1
    assert table.degree is not None
    assert (table.degree.decimals, table.levels[0].decimals) == (3, 4)
    assert table.degree.half == pytest.approx(0.0005)


def test_percentages_count_as_shares() -> None:
    levels = levels_of(16)
    d = np.sqrt(coupling(levels) * development(levels))
    rows = [[f"{u:.2%}" for u in row] + [f"{value:.4f}"] for row, value in zip(levels, d, strict=True)]
    table = read_published("表", ("人", "城", "产", "D"), rows)
    assert table.levels[0].decimals == 4
    assert table.table == pytest.approx(levels)
    assert audit_table(table).verdict is Verdict.REPRODUCED
