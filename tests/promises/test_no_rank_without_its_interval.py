"""README: no rank comes without its interval, and no city moves the scale it is measured on."""

from __future__ import annotations

import re

import pytest

from yingcheng.findings import SourceRow
from yingcheng.plan import IndicatorValue, make_plan
from yingcheng.plan.reference import content_of, digest_of, shipped_pack
from yingcheng.programme import RunReport

SHEET = SourceRow("指标.xlsx", "表", 2, (("value", 3),))


def test_every_rank_of_the_example_has_its_interval(example_run: RunReport) -> None:
    plan = example_run.results.plan
    assert plan.diagnosis is not None
    for found in (plan.diagnosis, *plan.others):
        assert 1 <= found.rank_low <= found.rank_high <= found.size
        assert found.rank_low < found.rank_high
        assert found.degree_low < found.degree_high
        for city in (*found.cities, *found.peers):
            assert 1 <= city.rank_low <= city.rank_high <= found.size
        for level in found.levels:
            assert level.low <= level.value <= level.high
        for obstacle in found.obstacles:
            assert obstacle.low <= obstacle.high
        assert found.pack is not None
        assert re.fullmatch("[0-9a-f]{64}", found.pack.sha256)


def test_every_rank_of_a_city_of_the_pack_has_its_interval() -> None:
    found = make_plan("昭通").diagnosis
    assert found is not None
    outside = [city for city in found.cities if not city.rank_low <= city.rank <= city.rank_high]
    # Equal weights are one weighting of all: a rank may lie just beyond the middle 90 % of them, never far.
    assert len(outside) < len(found.cities) / 20
    assert all(city.rank_low - 10 <= city.rank <= city.rank_high + 10 for city in outside)


@pytest.mark.parametrize("schooling", [0.5, 6.0, 11.0, 40.0])
def test_no_figure_of_a_city_moves_the_scale_or_another_city(schooling: float) -> None:
    plain = make_plan("太原", others=("郑州",))
    value = IndicatorValue("太原市", "140100", "平均受教育年限", "2023", schooling, "年", SHEET)
    moved = make_plan("太原", others=("郑州",), values=[value])
    assert plain.diagnosis is not None
    assert moved.diagnosis is not None
    degrees = {city.code: city.degree for city in plain.diagnosis.cities}
    changed = [city.code for city in moved.diagnosis.cities if city.degree != degrees[city.code]]
    assert set(changed) <= {"140100"}
    assert moved.others[0].degree == plain.others[0].degree
    assert moved.diagnosis.pack == plain.diagnosis.pack
    assert digest_of(content_of(shipped_pack())) == shipped_pack().sha256
