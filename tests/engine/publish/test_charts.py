from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from sample_results import HOSTILE

from yingcheng.errors import MissingExtra
from yingcheng.publish import charts, extras
from yingcheng.publish.records import Results

SVG = "{http://www.w3.org/2000/svg}"

ARGUMENTS: dict[str, Callable[[Results], tuple[object, ...]]] = {
    "candidate_scores": lambda r: (r.candidates, r.assignment),
    "capability_heatmap": lambda r: (r.matrix,),
    "demand_and_supply": lambda r: (r.opportunities, r.matrix),
    "funnel": lambda r: (r.portfolio,),
    "gaps": lambda r: (r.plan.diagnosis.gaps if r.plan.diagnosis else (),),
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
    "demand_and_supply": "场景机会（项）",
    "funnel": "40 天（8 项）",
    "gaps": "12.5",
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


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"quadrant", "subsystem_levels"}))
def test_nothing_to_show_is_said_calmly(name: str, empty_results: Results) -> None:
    picture = getattr(charts, name).picture(*ARGUMENTS[name](empty_results))
    assert texts(picture.svg)


def test_png_is_the_same_every_time(results: Results) -> None:
    first = charts.funnel.png(results.portfolio)
    assert first.startswith(b"\x89PNG")
    assert first == charts.funnel.png(results.portfolio)
    assert b"Matplotlib" not in first


def test_dollar_signs_and_markup_stay_text(results: Results) -> None:
    svg = charts.capability_heatmap(results.matrix)
    assert any("$x" in text for text in texts(svg))
    assert HOSTILE[:9] in "".join(texts(svg))


def test_named_points_do_not_cover_each_other(results: Results) -> None:
    diagnosis = results.plan.diagnosis
    assert diagnosis is not None
    words = texts(charts.quadrant(diagnosis, results.plan.others))
    shown = " ".join(words)
    for peer in diagnosis.peers:
        assert shown.count(peer.city) == 1, "each peer is named once, at its point or in the key"
    named = [word for word in words if word in {str(number) for number in range(1, 20)}]
    assert len(named) == len(set(named)), "a number stands at one point"


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
