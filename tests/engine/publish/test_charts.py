from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from matplotlib.transforms import Bbox
from sample_results import HOSTILE

from yingcheng.errors import MissingExtra
from yingcheng.plan import make_plan
from yingcheng.plan.records import Industry
from yingcheng.publish import charts, extras
from yingcheng.publish.charts.drawing import Drawing
from yingcheng.publish.charts.tiles import short_name
from yingcheng.publish.records import Results

SVG = "{http://www.w3.org/2000/svg}"

NAMES = (
    "农林牧渔业", "采矿业", "制造业", "电力热力燃气及水生产供应业", "建筑业", "批发零售业", "交通运输仓储邮政业",
    "住宿餐饮业", "信息软件业", "金融业", "房地产业", "租赁商务服务业", "科学研究技术服务业", "水利环境公共设施管理业",
    "居民服务修理业", "教育", "卫生社会工作", "文化体育娱乐业", "公共管理",
)  # fmt: skip
INDUSTRIES = tuple(
    Industry(
        section=chr(65 + number),
        name=name,
        quotient=0.4 + 0.15 * (number * 7 % 19),
        shift=-0.3 + 0.05 * (number * 5 % 19),
        kind=("优势", "转型", "机会", "弱")[number % 4],
        start=100.0,
        end=50.0 + 40 * (number * 11 % 19),
        national=1.0,
        mix=1.0,
        regional=1.0,
        years="2010—2020",
    )
    for number, name in enumerate(NAMES)
)
"""Made up (虚构)."""

ARGUMENTS: dict[str, Callable[[Results], tuple[object, ...]]] = {
    "candidate_scores": lambda r: (r.candidates, r.assignment),
    "capability_heatmap": lambda r: (r.matrix,),
    "city_tiles": lambda r: (r.plan.diagnosis, r.plan.others),
    "demand_and_supply": lambda r: (r.opportunities, r.matrix),
    "funnel": lambda r: (r.portfolio,),
    "gaps": lambda r: (r.plan.diagnosis.gaps if r.plan.diagnosis else (),),
    "industry_scatter": lambda r: (INDUSTRIES if r.plan.diagnosis else (), r.city),
    "measure_verdicts": lambda r: (r.reach,),
    "obstacles": lambda r: (r.plan.diagnosis.obstacles if r.plan.diagnosis else (),),
    "opportunities_by_department": lambda r: (r.opportunities,),
    "opportunities_by_track": lambda r: (r.opportunities,),
    "quadrant": lambda r: (r.plan.diagnosis, r.plan.others),
    "subsystem_levels": lambda r: (r.plan.diagnosis,),
    "timetable_occupancy": lambda r: (r.timetable,),
    "track_table": lambda r: (r.plan.tracks,),
}
WORDS = {
    "candidate_scores": "匹配得分（0–1）",
    "capability_heatmap": "某云数据技术有限公司（虚构）",
    "city_tiles": "结构相似城市",
    "demand_and_supply": "场景机会（项）",
    "funnel": "40 天（8 项）",
    "gaps": "12.5",
    "industry_scatter": "信息软件业",
    "measure_verdicts": "还需材料",
    "obstacles": "29.0%",
    "opportunities_by_department": "未填单位",
    "opportunities_by_track": "未标注赛道",
    "quadrant": "太原市",
    "subsystem_levels": "0.512（0.431–0.602）",
    "timetable_occupancy": "15:40",
    "track_table": "无可测指标",
}


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()).strip() for node in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own output


def test_every_public_chart_is_tested() -> None:
    public = {name for name in charts.__all__ if isinstance(getattr(charts, name), charts.Chart)}
    assert public == set(ARGUMENTS) == set(WORDS)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_chart_is_deterministic_readable_and_self_contained(name: str, results: Results) -> None:
    chart = getattr(charts, name)
    picture = chart.picture(*ARGUMENTS[name](results))
    assert picture.svg == chart(*ARGUMENTS[name](results))
    root = ET.fromstring(picture.svg)  # noqa: S314
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.findtext(f"{SVG}title") == picture.title
    assert root.findtext(f"{SVG}desc") == picture.alt
    assert len(picture.alt) > 10
    assert WORDS[name] in texts(picture.svg)
    assert "<script" not in picture.svg
    assert "<!DOCTYPE" not in picture.svg
    assert "date>" not in picture.svg
    assert "'Noto Sans SC','Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif" in picture.svg
    assert "http" not in picture.svg.replace("http://www.w3.org/", "")


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"city_tiles", "quadrant", "subsystem_levels"}))
def test_nothing_to_show_is_said_calmly(name: str, empty_results: Results) -> None:
    picture = getattr(charts, name).picture(*ARGUMENTS[name](empty_results))
    assert texts(picture.svg)


def test_png_is_the_same_every_time(results: Results) -> None:
    first = charts.funnel.picture(results.portfolio).png()
    assert first.startswith(b"\x89PNG")
    assert first == charts.funnel.picture(results.portfolio).png()
    assert b"Matplotlib" not in first


def test_a_gallery_draws_each_picture_once(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    once = charts.Chart(lambda portfolio, limit=1: drawn.append(limit) or charts.funnel._draw(portfolio))  # type: ignore[func-returns-value]
    monkeypatch.setattr(once, "__name__", "once")
    gallery = charts.Gallery()
    assert gallery.draw(once, results.portfolio) is gallery.draw(once, results.portfolio)
    assert drawn == [1]
    gallery.draw(once, results.portfolio, 2)
    gallery.draw(once, replace(results.portfolio), 2)
    assert drawn == [1, 2, 2], "other arguments and other records are another picture"


def test_dollar_signs_and_markup_stay_text(results: Results) -> None:
    svg = charts.capability_heatmap(results.matrix)
    assert any("$x" in text for text in texts(svg))
    assert HOSTILE[:9] in "".join(texts(svg))


def names_of(drawing: Drawing) -> dict[str, Bbox]:
    """Each name at a point of the scatter and the rectangle it takes."""
    figure = drawing.figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return {text.get_text(): text.get_window_extent(renderer) for axes in figure.axes for text in axes.texts}


@pytest.mark.parametrize("city", ["太原市", "黄南藏族自治州", "北京市"])
def test_no_two_names_in_the_quadrant_cover_each_other(city: str) -> None:
    plan = make_plan(city, others=["郑州市", "安阳市", "银川市"])
    diagnosis = plan.diagnosis
    assert diagnosis is not None
    boxes = names_of(charts.quadrant.drawing(diagnosis, plan.others))
    assert {peer.city for peer in diagnosis.peers} | {diagnosis.city} <= set(boxes), "each is named once"
    assert not any(one.overlaps(other) for one, other in combinations(boxes.values(), 2))


@pytest.mark.parametrize("spread", [1.0, 0.05, 0.0])
def test_no_two_industries_cover_each_other_however_near_they_are(spread: float) -> None:
    near = tuple(
        replace(one, quotient=1 + (one.quotient - 1) * spread, shift=(one.shift or 0) * spread) for one in INDUSTRIES
    )
    boxes = names_of(charts.industry_scatter.drawing(near, "某市"))
    assert len(boxes) > 10
    assert not any(one.overlaps(other) for one, other in combinations(boxes.values(), 2))
    shown = "".join(boxes).replace("\n", "") + "".join(texts(charts.industry_scatter(near, "某市")))
    assert all(one.name in shown for one in near), "at its point, or listed below"


def test_industries_without_an_earlier_year_are_said_not_drawn() -> None:
    alone = tuple(replace(one, shift=None) for one in INDUSTRIES)
    assert "未计算区域增长份额" in "".join(texts(charts.industry_scatter(alone, "某市")))
    one_missing = (*INDUSTRIES[1:], alone[0])
    assert "另 1 个行业缺数据" in charts.industry_scatter.picture(one_missing, "某市").alt


@pytest.mark.parametrize(
    ("city", "short"),
    [
        ("太原市", "太原"),
        ("大兴安岭地区", "大兴安岭"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("延边朝鲜族自治州", "延边"),
        ("黔西南布依族苗族自治州", "黔西南"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("海西蒙古族藏族自治州", "海西"),
        ("伊犁哈萨克自治州", "伊犁"),
        ("沙市", "沙市"),
        ("白山市", "白山"),
        ("白城市", "白城"),
    ],
)
def test_cities_have_short_names(city: str, short: str) -> None:
    assert short_name(city) == short


def test_every_city_has_its_tile() -> None:
    plan = make_plan("太原市")
    diagnosis = plan.diagnosis
    assert diagnosis is not None
    (axes,) = charts.city_tiles.drawing(diagnosis).figure.axes
    shown = [text.get_text().replace("\n", "") for text in axes.texts]
    assert [name for name in shown if name == "太原"] == ["太原"]
    assert {short_name(point.city) for point in diagnosis.cities} <= set(shown)


def test_level_words_are_never_cut(results: Results) -> None:
    shown = texts(charts.track_table(results.plan.tracks))
    assert not any("…" in text for text in shown)
    assert {"优势", "转型"} <= set(shown)


def test_obstacles_of_nothing_are_not_drawn(results: Results) -> None:
    diagnosis = results.plan.diagnosis
    assert diagnosis is not None
    none = replace(diagnosis.obstacles[0], indicator="没有阻碍的指标", share=0.0001)
    shown = texts(charts.obstacles((*diagnosis.obstacles, none)))
    assert "没有阻碍的指标" not in "".join(shown)
    assert "0.0%" not in shown


def test_cutting_keeps_the_width() -> None:
    for text in ("轨道站点综合开发（TOD）与产业导入", "abc", "", "多\n行 文字"):
        for width in (4, 9.5, 16):
            assert charts.text_width(charts.cut_text(text, width)) <= width


def test_missing_extra_names_itself(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    assert not charts.available()
    with pytest.raises(MissingExtra) as caught:
        charts.funnel(results.portfolio)
    assert caught.value.extra == "paper"
    assert "yingcheng[paper]" in str(caught.value)
    assert "matplotlib" in str(caught.value)
