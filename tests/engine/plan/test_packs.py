"""基准包: frozen, versioned, hashed; made, read, compared and diffed; a city is scored against it, never rescaled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.findings import Severity, SourceRow
from yingcheng.plan import IndicatorValue, Rules, make_plan, read_pack
from yingcheng.plan.comparing import compare_packs, diff_packs
from yingcheng.plan.formulas import winsor_bounds
from yingcheng.plan.own_packs import FigureTable, own_pack
from yingcheng.plan.packs import Recipe, narrowed, write_pack
from yingcheng.plan.panel import make_panel
from yingcheng.plan.reference import Pack, content_of, digest_of, plan_data, shipped_pack

SHANXI = Recipe("山西", "1", "山西 11 市", "2020")
DEFINITION = {
    "quantity": [
        {"column": "income", "name": "人均可支配收入", "unit": "元", "year": 2022, "source": "统计公报"},
        {"column": "green", "name": "人均公园绿地", "unit": "平方米", "year": 2022, "source": "公报", "also": ["绿地"]},
        {"column": "output", "name": "工业增加值", "unit": "亿元", "year": 2022, "source": "统计公报"},
        {"column": "firms", "name": "规上企业", "unit": "家", "year": 2022, "source": "统计公报"},
    ],
    "indicator": [
        {"name": "收入", "subsystem": "人", "direction": 1, "unit": "元", "source": "公报", "core": True,
         "sum": ["income"]},
        {"name": "绿地", "subsystem": "城", "direction": 1, "unit": "平方米", "source": "公报", "core": True,
         "sum": ["green"]},
        {"name": "户均增加值", "subsystem": "产", "direction": 1, "unit": "亿元", "source": "公报", "core": True,
         "sum": ["output"], "over": "firms"},
        {"name": "企业数", "subsystem": "产", "direction": 1, "unit": "家", "source": "公报", "core": True,
         "sum": ["firms"]},
    ],
}  # fmt: skip
HEADERS = ("城市", "人均可支配收入（元）", "绿地", "工业增加值", "规上企业")
ROWS = (
    ("太原市", "38000", "13.1", "1,400", "900"),
    ("大同市", "29000", "14.2", "500", "400"),
    ("140300", "33000", "12.0", "300", "250"),
    ("长治市", "31000", "13.5", "1200", "600"),
    ("晋城", "32000", "15.0", "900", "450"),
    ("朔州市", "30500", "12.8", "700", "—"),
    ("运城市", "27000", "11.9", "600", "700"),
)


def table(rows: tuple[tuple[str, ...], ...] = ROWS, headers: tuple[str, ...] = HEADERS) -> FigureTable:
    return FigureTable("城市表.xlsx", headers, rows, 2)


def own(recipe: Recipe = SHANXI, rows: tuple[tuple[str, ...], ...] = ROWS) -> Pack:
    return own_pack(recipe, table(rows), DEFINITION, where="定义.toml")[0]


@pytest.fixture(scope="module")
def shanxi() -> Pack:
    shipped = shipped_pack()
    rows = [i for i, province in enumerate(shipped.provinces) if province == "山西省"]
    return narrowed(SHANXI, shipped, rows)[0]


def test_the_shipped_pack_is_frozen() -> None:
    """Whoever changes a figure, an end, a weight or a city must give the pack another version and fingerprint."""
    pack = shipped_pack()
    assert pack.sha256 == digest_of(content_of(pack)) == plan_data("indicators.toml")["reference"]["sha256"]
    assert pack.identity.version == "2020.1"


def test_its_ends_are_the_percentiles_of_its_cities() -> None:
    pack = shipped_pack()
    low, high = winsor_bounds(pack.values)
    assert [d.low for d in pack.definitions] == pytest.approx(low.tolist(), rel=1e-9)
    assert [d.high for d in pack.definitions] == pytest.approx(high.tolist(), rel=1e-9)


def test_the_fingerprint_covers_everything_it_holds() -> None:
    pack = shipped_pack()
    figure = pack.quantities.copy()
    figure[0, 0] += 1
    definition = (replace(pack.definitions[0], high=11.0), *pack.definitions[1:])
    weight = (replace(pack.definitions[0], weight=2.0), *pack.definitions[1:])
    changed = [
        replace(pack, quantities=figure),
        replace(pack, definitions=definition),
        replace(pack, definitions=weight),
        replace(pack, version="2020.2"),
        replace(pack, subsystem_weights=(1.0, 1.0, 2.0)),
        replace(pack, cities=("北京", *pack.cities[1:])),
        replace(pack, industries=None),
    ]
    assert len({pack.sha256, *(digest_of(content_of(other)) for other in changed)}) == len(changed) + 1


@pytest.mark.parametrize("which", ["shipped", "narrowed", "own"])
def test_a_pack_survives_its_file(which: str, shanxi: Pack, tmp_path: Path) -> None:
    pack = {"shipped": shipped_pack(), "narrowed": shanxi, "own": own()}[which]
    path = tmp_path / "甲.pack.json"
    write_pack(pack, path)
    again = read_pack(path)
    assert again.sha256 == pack.sha256
    assert content_of(again) == content_of(pack)
    np.testing.assert_array_equal(again.values, pack.values)
    assert make_panel(again).degrees.tolist() == make_panel(pack).degrees.tolist()
    write_pack(again, path)  # the same pack again is no change


def test_a_pack_is_never_overwritten(shanxi: Pack, tmp_path: Path) -> None:
    path = tmp_path / "甲.pack.json"
    write_pack(shanxi, path)
    before = path.read_bytes()
    with pytest.raises(UnusableInput, match="不覆盖"):
        write_pack(own(), path)
    assert path.read_bytes() == before


def test_a_pack_that_was_touched_is_refused(shanxi: Pack, tmp_path: Path) -> None:
    path = tmp_path / "甲.pack.json"
    write_pack(shanxi, path)
    path.write_text(path.read_text("utf-8").replace("山西 11 市", "山西十一市"), encoding="utf-8")
    with pytest.raises(UnusableInput, match="指纹不符"):
        read_pack(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "别的"}', "不是 JSON", "[1, 2"])
def test_what_is_no_pack_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "甲.pack.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput, match="不是基准包文件"):
        read_pack(path)


def test_a_pack_with_a_part_missing_is_refused_with_its_name(shanxi: Pack, tmp_path: Path) -> None:
    content = content_of(shanxi)
    del content["quantities"]
    path = tmp_path / "甲.pack.json"
    path.write_text(json.dumps({**content, "sha256": digest_of(content)}, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(UnusableInput, match="quantities"):
        read_pack(path)
    with pytest.raises(UnusableInput, match="找不到"):
        read_pack(tmp_path / "无.pack.json")


def test_a_pack_of_one_province_has_scales_of_its_own(shanxi: Pack) -> None:
    assert len(shanxi.codes) == 11
    assert shanxi.sha256 != shipped_pack().sha256
    low, _high = winsor_bounds(shanxi.values)
    assert [d.low for d in shanxi.definitions] == pytest.approx(low.tolist(), rel=1e-9)
    plan = make_plan("太原", rules=Rules(pack=shanxi))
    assert plan.diagnosis is not None
    assert plan.diagnosis.size == 11
    assert plan.diagnosis.pack == shanxi.identity
    # The economy that industries are compared with stays the nation.
    whole = make_plan("太原").diagnosis
    assert whole is not None
    assert plan.diagnosis.industries == whole.industries


def test_a_city_from_outside_is_scored_and_moves_nobody(shanxi: Pack) -> None:
    alone = make_plan("太原", rules=Rules(pack=shanxi)).diagnosis
    plan = make_plan("太原", others=("郑州",), rules=Rules(pack=shanxi))
    assert plan.diagnosis is not None
    assert alone is not None
    assert plan.diagnosis.degree == alone.degree
    guest = plan.others[0]
    assert guest.city == "郑州市"
    assert guest.pack == shanxi.identity
    assert guest.size == 12
    assert any("不改变包内城市" in note for note in plan.notes)


def test_a_city_from_outside_without_core_figures_is_not_scored() -> None:
    plan = make_plan("郑州", rules=Rules(pack=own()))
    assert plan.diagnosis is None
    assert any("收入、绿地" in note for note in plan.notes)
    row = SourceRow("郑州.xlsx", "表", 2, (("value", 3),))
    figures = [
        IndicatorValue("郑州市", "410100", name, "2022", value, unit, row)
        for name, value, unit in (
            ("人均可支配收入", 41000.0, "元"), ("人均公园绿地", 14.0, "平方米"),
            ("工业增加值", 3800.0, "亿元"), ("规上企业", 3100.0, "家"),
        )
    ]  # fmt: skip
    scored = make_plan("郑州", values=figures, rules=Rules(pack=own()))
    assert scored.diagnosis is not None
    assert scored.diagnosis.rank == 1


def test_figures_beyond_the_pack_are_clipped_and_told() -> None:
    row = SourceRow("指标.xlsx", "表一", 4, (("value", 3),))
    value = IndicatorValue("太原市", "", "平均受教育年限", "2023", 14.5, "年", row)
    plain, plan = make_plan("郑州", others=("太原",)), make_plan("郑州", others=("太原",), values=[value])
    finding = next(finding for finding in plan.findings if finding.code == "figure-outside-pack")
    assert (str(finding.place), finding.severity) == ("指标.xlsx / 表一 / C4", Severity.WARNING)
    assert "14.5" in finding.found
    assert "平均受教育年限" in plan.others[0].clipped
    assert plan.diagnosis is not None
    assert plain.diagnosis is not None
    assert plan.diagnosis.degree == plain.diagnosis.degree  # nobody else moved
    assert plan.others[0].degree == plain.others[0].degree  # Taiyuan was at the end already: no more than the end
    assert plain.findings == ()


def test_an_own_table_makes_a_pack_and_says_what_it_left_out() -> None:
    rows = (*ROWS, ("亚特兰蒂斯", "1", "2", "3", "4"), ("忻州市", "很多", "12", "500", "300"))
    pack, findings = own_pack(SHANXI, table(rows), DEFINITION, where="定义.toml")
    assert pack.cities == ("太原市", "大同市", "阳泉市", "长治市", "晋城市", "运城市")
    assert pack.provinces[0] == "山西省"
    assert pack.values[0].tolist() == [38000.0, 13.1, 1400 / 900, 900.0]
    assert [(finding.code, finding.found) for finding in findings] == [
        ("pack-city-unknown", "亚特兰蒂斯"),
        ("pack-figure-unreadable", "很多"),
        ("pack-city-left-out", "朔州市"),
        ("pack-city-left-out", "忻州市"),
    ]
    assert findings[0].place.row == 9


def test_a_constant_core_indicator_is_told() -> None:
    rows = tuple((*row[:2], "12", *row[3:]) for row in ROWS)
    pack, findings = own_pack(replace(SHANXI, scheme="entropy"), table(rows), DEFINITION, where="定义.toml")
    assert [finding.found for finding in findings if finding.code == "indicator-constant"] == ["绿地"]
    assert np.isfinite(make_panel(pack).degrees).all()


@pytest.mark.parametrize(
    ("headers", "rows", "why"),
    [
        (("名称", *HEADERS[1:]), ROWS, "没有城市列"),
        (HEADERS[:3], ROWS, "工业增加值、规上企业"),
        (HEADERS, (*ROWS, ROWS[0]), "两次"),
        (HEADERS, ROWS[:4], "至少要 5 个"),
        (HEADERS, (), "没有一行"),
    ],
)
def test_tables_that_cannot_make_a_pack_are_refused(
    headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...], why: str
) -> None:
    with pytest.raises(UnusableInput, match=why):
        own_pack(SHANXI, table(rows, headers), DEFINITION, where="定义.toml")


def test_every_fault_of_a_definition_is_listed_at_once() -> None:
    wrong = {
        "quantity": [DEFINITION["quantity"][0], {"column": "x"}],
        "indicator": [
            {**DEFINITION["indicator"][0], "subsystem": "水"},
            {**DEFINITION["indicator"][1], "sum": ["incom"]},
            {**DEFINITION["indicator"][2], "direction": 0},
        ],
    }
    with pytest.raises(SettingsError) as caught:
        own_pack(SHANXI, table(), wrong, where="定义.toml")
    text = str(caught.value)
    for part in ("定义.toml", "第 2 个 [[quantity]] 缺少 'name'", "人、城、产", "您是否指：income", "direction"):
        assert part in text


def test_weights_by_every_scheme_add_up_within_a_subsystem() -> None:
    judgements = {"人": [[1]], "城": [[1]], "产": [[1, 3], [1 / 3, 1]], "子系统": [[1, 1, 2], [1, 1, 2], [0.5, 0.5, 1]]}
    for scheme in ("equal", "entropy", "critic", "ahp", "ahp+entropy"):
        pack = own(replace(SHANXI, scheme=scheme, judgements=judgements))
        industry = [d.weight for d in pack.definitions if d.indicator.subsystem == "产"]
        assert sum(industry) == pytest.approx(1.0)
    judged = own(replace(SHANXI, scheme="ahp", judgements=judgements))
    assert [d.weight for d in judged.definitions if d.indicator.subsystem == "产"] == pytest.approx([0.75, 0.25])
    assert judged.subsystem_weights == pytest.approx((0.4, 0.4, 0.2))
    assert "CR 0.000" in judged.weighting


def test_contradictory_judgements_are_refused_with_their_ratio() -> None:
    shipped = shipped_pack()
    cyclic = [[1, 9, 1 / 9, 1, 1], [1 / 9, 1, 9, 1, 1], [9, 1 / 9, 1, 1, 1], [1] * 5, [1] * 5]
    recipe = replace(SHANXI, scheme="ahp", judgements={"人": cyclic, "城": [[1]]})
    with pytest.raises(SettingsError) as caught:
        narrowed(recipe, shipped, range(40))
    assert "一致性比率 CR =" in str(caught.value)
    assert "6 × 6" in str(caught.value)
    assert "缺少“产”的判断矩阵" in str(caught.value)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match="entropy、critic"):
        own(replace(SHANXI, scheme="magic"))


def test_a_diff_names_cities_indicators_ends_weights_and_figures() -> None:
    before = own()
    assert diff_packs(before, before) == ()
    rows = (("太原市", "39000", *ROWS[0][2:]), *ROWS[1:5], ("忻州市", "26000", "12", "500", "300"))
    after = own(replace(SHANXI, version="2", scheme="critic", subsystems=(1.0, 1.0, 2.0)), rows)
    changes = {(change.kind, change.what): (change.before, change.after) for change in diff_packs(before, after)}
    assert changes["城市", "运城市"] == ("140800", "")
    assert changes["城市", "忻州市"] == ("", "140900")
    assert changes["数字", "太原市 人均可支配收入"] == ("38000", "39000")
    assert changes["权重", "子系统 产"] == ("1", "2")
    assert ("量程", "收入") in changes
    assert ("权重", "企业数") in changes
    assert ("方法", "赋权") in changes


def test_a_comparison_scores_the_common_cities_by_both(shanxi: Pack) -> None:
    done = compare_packs(shipped_pack(), shanxi)
    assert len(done.cities) == 11
    assert done.sizes == (335, 11)
    assert 0.5 < done.agreement <= 1
    same = compare_packs(shanxi, shanxi)
    assert same.agreement == pytest.approx(1.0)
    assert all(city.before == city.after and not city.apart for city in same.cities)
    for city in done.cities:
        assert city.after.rank_low <= city.after.rank_high
