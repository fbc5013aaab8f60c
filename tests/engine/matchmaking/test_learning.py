"""What decisions teach: better where there is something to learn, untouched where there is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import InputError, SettingsError, UnusableInput
from yingcheng.matchmaking.affinity import Market, check_target, judge_all, load_model, save_model, shipped_model
from yingcheng.matchmaking.affinity.learning import ENOUGH, _as_numbers, _held_out, _sample, learn
from yingcheng.matchmaking.affinity.model import Model
from yingcheng.matchmaking.records import Decision
from yingcheng.opportunities.records import Opportunity

DAY = date(2026, 5, 20)
TRADES = (
    "餐厨垃圾",
    "无人机",
    "葡萄酿造",
    "桥梁检测",
    "光伏发电",
    "冷链仓储",
    "陶瓷烧结",
    "盲道铺装",
    "电梯维修",
    "蜂蜜灌装",
)
NEEDS = tuple(Opportunity(id=f"o{n}", name=f"{trade}示范", need=f"开展{trade}工作") for n, trade in enumerate(TRADES))
# Each trade has two firms: one says it does the trade, one only registered it.
DOERS = tuple(Enterprise(id=f"a{n}", name=f"甲{n}", products=f"{trade}成套装备") for n, trade in enumerate(TRADES))
SAYERS = tuple(Enterprise(id=f"b{n}", name=f"乙{n}", scope=f"{trade}服务") for n, trade in enumerate(TRADES))
OTHERS = tuple(Enterprise(id=f"c{n}", name=f"丙{n}", business=f"{trade}咨询") for n, trade in enumerate(TRADES))
FIRMS = DOERS + SAYERS + OTHERS


def market(model: Model | None = None) -> Market:
    return Market(NEEDS, FIRMS, as_of=DAY, model=model)


def decided(wanted: Callable[[Enterprise], bool]) -> list[Decision]:
    pairs = [(need, firm) for n, need in enumerate(NEEDS) for firm in FIRMS if firm.id[1:] == str(n)]
    return [Decision(need.id, firm.id, wanted(firm)) for need, firm in pairs]


def test_officers_who_trust_the_register_more_than_products_are_understood() -> None:
    decisions = decided(lambda firm: firm.id[0] == "b")
    assert len(decisions) == ENOUGH
    learned = learn(market(), decisions)
    assert learned.adopted
    assert learned.effect.ranking_after > learned.effect.ranking_before
    assert learned.effect.loss_after < learned.effect.loss_before
    model = learned.model
    assert model.multiplier("企业·经营范围") > 1 > model.multiplier("企业·核心产品")
    assert model.version.startswith(shipped_model().version + "+")


def test_what_was_learned_holds_for_opportunities_nobody_decided_on() -> None:
    model = learn(market(), decided(lambda firm: firm.id[0] == "b")).model
    asked = Opportunity(id="new", name="果树修剪示范", need="开展果树修剪工作")
    firms = (
        Enterprise(id="x", name="子", products="果树修剪成套装备"),
        Enterprise(id="y", name="丑", scope="果树修剪服务"),
        *FIRMS,
    )

    def distance(chosen: Model | None) -> float:
        scores = {
            edge.enterprise_id: edge.score
            for edge in judge_all(Market((asked,), firms, as_of=DAY, model=chosen), limit=9, minimum=0.001).edges
        }
        return scores["y"] - scores["x"]

    assert distance(model) > distance(None)


def test_decisions_by_chance_change_no_rank() -> None:
    adopted = 0
    for seed in range(20):
        draw = random.Random(seed)  # noqa: S311
        learned = learn(market(), decided(lambda _firm, draw=draw: draw.random() < 0.5))  # type: ignore[misc]
        adopted += bool(learned.model.multipliers)
        if not learned.adopted:
            assert learned.model == shipped_model()
    assert adopted <= 4  # a mean above its standard error and better ranks besides happen by chance now and then


def test_a_model_that_was_adopted_beats_the_one_before_on_what_it_did_not_see() -> None:
    for taste in ("a", "b", "c"):
        learned = learn(market(), decided(lambda firm, taste=taste: firm.id[0] == taste))  # type: ignore[misc]
        if learned.adopted:
            assert learned.effect.loss_after <= learned.effect.loss_before
            assert learned.effect.ranking_after >= learned.effect.ranking_before


def test_the_same_decisions_again_teach_nothing_new() -> None:
    decisions = decided(lambda firm: firm.id[0] == "b")
    first = learn(market(), decisions)
    again = learn(market(first.model), decisions)
    assert not again.adopted
    assert again.model == first.model


def test_more_decisions_teach_the_same_whatever_is_in_use() -> None:
    decisions = decided(lambda firm: firm.id[0] == "b")
    more = [*decisions, Decision("o0", "a1", False), Decision("o1", "b0", False), Decision("o2", "c3", False)]
    first = learn(market(), decisions).model
    fresh, upon = learn(market(), more), learn(market(first), more)
    assert fresh.adopted
    assert upon.effect.decisions == 3  # beside a model in use, only what that one has not seen is a test
    if upon.adopted:
        assert (upon.model.multipliers, upon.model.version) == (fresh.model.multipliers, fresh.model.version)
        assert upon.effect.loss_after <= upon.effect.loss_before


def test_learning_moves_ranks_and_scores_but_lets_nobody_appear_or_vanish() -> None:
    model = learn(market(), decided(lambda firm: firm.id[0] == "b")).model
    assert model != shipped_model()
    shown = [
        {(edge.opportunity_id, edge.enterprise_id) for edge in judge_all(market(chosen), limit=99).edges}
        for chosen in (None, model)
    ]
    assert shown[0]
    assert shown[0] == shown[1]


def test_what_is_predicted_for_an_opportunity_knows_nothing_of_its_decisions() -> None:
    rows = {need.id: place for place, need in enumerate(NEEDS)}
    columns = {firm.id: place for place, firm in enumerate(sorted(FIRMS, key=lambda firm: firm.id))}
    decisions = decided(lambda firm: firm.id[0] == "b")
    groups, sample = _sample(market(), decisions, rows, columns)
    start, curve = _as_numbers(shipped_model(), groups)
    before = _held_out(sample, start, curve, free=True)
    for owner in range(len(NEEDS)):
        mine = sample.owner == owner
        assert mine.sum() == 3
        turned = replace(sample, wanted=np.where(mine, 1 - sample.wanted, sample.wanted))
        after = _held_out(turned, start, curve, free=True)
        assert np.array_equal(after[mine], before[mine])
        assert not np.array_equal(after, before)  # the others did learn from it


def test_the_order_of_decisions_changes_nothing() -> None:
    decisions = decided(lambda firm: firm.id[0] == "b")
    assert learn(market(), decisions) == learn(market(), decisions[::-1])


def test_the_last_decision_on_a_pair_counts() -> None:
    decisions = decided(lambda firm: firm.id[0] == "b")
    changed = [replace(decision, wanted=not decision.wanted) for decision in decisions]
    assert learn(market(), [*changed, *decisions]) == learn(market(), decisions)


@pytest.mark.parametrize(
    "decisions",
    [
        decided(lambda firm: firm.id[0] == "b")[: ENOUGH - 1],
        decided(lambda _firm: True),
        decided(lambda _firm: False),
        [Decision("o0", firm.id, n % 2 == 0) for n, firm in enumerate(FIRMS)],
    ],
    ids=["too few", "all wanted", "none wanted", "one opportunity"],
)
def test_what_teaches_nothing_is_refused_with_the_numbers(decisions: list[Decision]) -> None:
    with pytest.raises(InputError, match="可用的决定太少") as raised:
        learn(market(), decisions)
    assert str(len(decisions)) in str(raised.value)
    assert "30" in raised.value.remedy


def test_a_decision_about_something_unknown_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        learn(market(), [*decided(lambda firm: firm.id[0] == "b"), Decision("o0", "nobody", True)])


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    model = learn(market(), decided(lambda firm: firm.id[0] == "b")).model
    assert model.multipliers
    save_model(model, tmp_path / "匹配模型.toml")
    assert load_model(tmp_path / "匹配模型.toml") == model
    assert "倍数" in (tmp_path / "匹配模型.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format = 2\nversion = 'x'\nsteepness = 1.0\nscale = 1.0\n",
        "format = 1\nversion = 'x'\nsteepness = -1.0\nscale = 1.0\n",
        "format = 1\nversion = 'x'\nsteepness = 1.0\nscale = 1.0\n[multipliers]\n'赛道' = 0\n",
        "format = 1\nversion = 'x'\nsteepness = nan\nscale = 1.0\n",
        "format = 1\nversion = 'x'\nsteepness = 1.0\nscale = 1.0\n[multipliers]\n'赛道' = 1e300\n",
        "format = 1\nversion = 'x'\nsteepness = 99.0\nscale = 1.0\n",
        "[[",
    ],
)
def test_a_wrong_model_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="不是有效的匹配模型文件"):
        load_model(tmp_path / "m.toml")


def test_a_missing_model_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="没有这个匹配模型文件"):
        load_model(tmp_path / "none.toml")


def test_an_earlier_model_is_kept_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "匹配模型.toml"
    old, new = replace(shipped_model(), version="旧"), replace(shipped_model(), version="新")
    assert save_model(old, path) is None
    assert save_model(old, path) is None
    kept = save_model(new, path)
    assert kept is not None
    assert load_model(kept) == old
    assert load_model(path) == new


def test_where_a_model_cannot_go_is_said_before_the_work(tmp_path: Path) -> None:
    check_target(tmp_path / "匹配模型.toml")
    save_model(shipped_model(), tmp_path / "匹配模型.toml")
    check_target(tmp_path / "匹配模型.toml")
    (tmp_path / "programme.toml").write_text("city = '太原市'\n", encoding="utf-8")
    for other in (tmp_path / "programme.toml", tmp_path, tmp_path / "没有" / "m.toml"):
        with pytest.raises(UnusableInput):
            check_target(other)
    assert (tmp_path / "programme.toml").read_text("utf-8") == "city = '太原市'\n"


@pytest.mark.parametrize("meaning", [False, True])
def test_the_curve_is_monotone_from_nothing_to_almost_one(meaning: bool) -> None:
    model = shipped_model(meaning=meaning)
    totals = [0.0, 1e-9, 0.1, 0.5, 1.0, 3.0, 10.0, 1e6]
    scores = [model.score(total) for total in totals]
    assert scores[0] == 0
    assert scores == sorted(scores)
    assert scores[-1] <= 1
    for score in (0.01, 0.25, 0.5, 0.9):
        assert model.score(model.total(score)) == pytest.approx(score)
