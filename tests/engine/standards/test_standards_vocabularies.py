"""Industries, tracks, roles, stages, qualifications."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.datafiles import read_rows, read_toml
from yingcheng.standards.industries import find_industry, industry_by_code, sections
from yingcheng.standards.qualifications import holds, implied_qualifications, known_qualifications, read_qualifications
from yingcheng.standards.stages import STAGES, STOPPED, read_stage, stage_dates
from yingcheng.standards.tracks import DIMENSIONS, ROLES, TRACKS, read_roles, read_tracks, suggest_roles, suggest_tracks

INDUSTRIES = tuple(row["code"] or row["section"] for row in read_rows("industries.csv"))


def test_the_standard_has_20_97_473_1381_classes() -> None:
    lengths = [len(code) if code.isdigit() else 0 for code in INDUSTRIES]
    assert [lengths.count(length) for length in (0, 2, 3, 4)] == [20, 97, 473, 1381]
    assert "".join(section.code for section in sections()) == "ABCDEFGHIJKLMNOPQRST"


@pytest.mark.parametrize(
    ("text", "code", "certain"),
    [
        ("65", "65", True),
        ("I", "I", True),
        ("I65软件和信息技术服务业", "65", True),
        ("软件和信息技术服务业", "65", True),
        ("软件信息技术服务", "65", True),
        ("C 制造业", "C", True),
        ("I6511 基础软件开发", "6511", True),
        ("6513.0", "6513", True),
        ("软件开发", "651", True),
        ("6510", "651", False),  # 2011 edition
        ("I6510软件开发", "651", False),
        ("6550集成电路设计", "6520", False),
        ("6550", "6550", False),  # both editions know it, with different meanings
        ("C65", "65", False),
        ("从事软件开发和应用", "651", False),
        ("9999", None, False),
        ("随便写的", None, False),
    ],
)
def test_industries(text: str, code: str | None, certain: bool) -> None:
    reading = find_industry(text)
    assert (reading.industry.code if reading.industry else None) == code
    assert reading.certain == certain
    assert reading.certain or reading.note


def test_the_2011_code_names_both_editions() -> None:
    note = find_industry("6510").note
    assert "2011" in note
    assert "651 软件开发" in note


@given(st.sampled_from(INDUSTRIES))
def test_every_class_is_found_by_code_with_name(code: str) -> None:
    industry = industry_by_code(code)
    assert industry is not None
    assert industry_by_code(industry.section) is not None
    reading = find_industry(f"{code} {industry.name}")
    assert reading.industry == industry


@given(st.text(max_size=30))
def test_industries_never_raise(text: str) -> None:
    reading = find_industry(text)
    assert reading.industry is not None or reading.note


def test_the_thirteen_tracks_stand_in_the_data_in_order() -> None:
    data = read_toml("tracks.toml")
    assert tuple(entry["name"] for entry in data["track"]) == TRACKS
    assert tuple(entry["name"] for entry in data["role"]) == ROLES
    assert len(TRACKS) == 13
    assert len(DIMENSIONS) == 4


@pytest.mark.parametrize("track", TRACKS)
def test_every_track_reads_as_itself(track: str) -> None:
    for spelling in (track, f"①{track}", f"{track}类", f"{track}领域", f" {track} "):
        assert read_tracks(spelling) == (track,)
    assert suggest_tracks(track)[0] == (track, (track,))


@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        ("②人工智能、智能终端", ("智慧城市",)),
        ("文旅类", ("文化旅游",)),
        ("新型基础设施建设", ("新基建",)),
        ("智慧城市与城市治理", ("智慧城市", "城市治理")),
        ("乡村振兴、城市更新", ("城市更新", "乡村振兴")),  # in the order of the programme
        ("建设一个覆盖全市的平台，提高智慧化管理水平", ()),
        ("", ()),
    ],
)
def test_tracks_that_a_cell_names(text: str, tracks: tuple[str, ...]) -> None:
    assert read_tracks(text) == tracks


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("低空经济无人机物流配送航线", "智慧城市"),
        ("自动驾驶与车路协同示范项目", "智慧城市"),
        ("全域数字孪生底座", "智慧城市"),
        ("老旧小区加装电梯", "城市更新"),
        ("古镇文旅小镇整体开发", "文化旅游"),
        ("社区康养与居家养老服务", "智慧生活"),
        ("公共停车资源统一经营", "城市运营"),
        ("海绵城市示范", "绿色生态"),
        ("整县屋顶光伏", "绿色生态"),
        ("工业互联网平台与数字化车间", "智能生产"),
        ("田园综合体", "乡村振兴"),
        ("夜经济街区提升", "商业消费"),
        ("智算中心与5G基站共建", "新基建"),
        ("标准厂房与园区招商", "产业园区"),
        ("网格化与应急指挥一网统管", "城市治理"),
        ("高铁新城片区综合开发", "产城融合"),
    ],
)
def test_the_words_of_real_lists_lead_to_the_track(text: str, track: str) -> None:
    best, words = suggest_tracks(text)[0]
    assert best == track
    assert words
    assert all(word.lower() in text.lower() for word in words)


def test_what_a_business_scope_leaves_out_suggests_nothing() -> None:
    assert suggest_tracks("建材销售（不含危化品）") == ()
    assert suggest_tracks("建材、危化品销售")[0][0] == "城市治理"


def test_suggestions_keep_the_limit_and_repeat() -> None:
    text = "数字孪生、老旧小区、文旅小镇、光伏、工业互联网、网格化"
    assert len(suggest_tracks(text, limit=3)) == 3
    assert suggest_tracks(text, limit=2) == suggest_tracks(text, limit=3)[:2]
    assert suggest_tracks("") == ()


def test_roles() -> None:
    assert read_roles("技术产品、投资") == ("投资", "技术产品")
    assert suggest_roles("产业基金与股权投资")[0][0] == "投资"
    assert suggest_roles("工程设计、规划设计、咨询")[0][0] == "咨询规划"
    assert suggest_roles("文化传播、影视与品牌策划")[0][0] == "内容品牌"


@given(st.text(max_size=60))
def test_tracks_and_roles_never_raise(text: str) -> None:
    assert set(read_tracks(text)) <= set(TRACKS)
    assert {track for track, _ in suggest_tracks(text)} <= set(TRACKS)
    assert {role for role, _ in suggest_roles(text)} <= set(ROLES)


@pytest.mark.parametrize("stage", [*STAGES, *STOPPED])
def test_every_stage_reads_as_itself(stage: str) -> None:
    reading = read_stage(stage)
    assert reading is not None
    assert (reading.stage, reading.certain) == (stage, True)


def test_a_word_stands_for_one_stage_only() -> None:
    data = read_toml("stages.toml")
    words = [word for part in ("stage", "stopped", "doubtful") for entry in data[part] for word in entry["words"]]
    assert len(words) == len(set(words))
    assert tuple(entry["name"] for entry in data["stage"]) == STAGES
    assert tuple(entry["name"] for entry in data["stopped"]) == STOPPED


@pytest.mark.parametrize(
    ("text", "stage", "certain"),
    [
        ("投产/运营", "投产", True),
        ("已签约", "签约", True),
        ("签约落地", "签约", True),
        ("在谈", "对接", True),
        ("①签约", "签约", True),
        ("已开工（在建）", "开工", True),
        ("拟签约", "意向", True),
        ("已签约，正在办理注册", "签约", False),
        ("尚未开工", "注册", False),
        ("计划2026年3月开工", "注册", False),
        ("预计年底投产，主体施工已完成", "开工", False),
        ("因资金原因终止合作", "终止", False),
        ("立项", "初判", False),
        ("项目搁置", "搁置", False),
    ],
)
def test_stages(text: str, stage: str, certain: bool) -> None:
    reading = read_stage(text)
    assert reading is not None
    assert (reading.stage, reading.certain, reading.text) == (stage, certain, text)


@given(st.text(max_size=40))
def test_stages_never_raise(text: str) -> None:
    reading = read_stage(text)
    assert reading is None or (reading.stage in (*STAGES, *STOPPED) and reading.text == text)


LITTLE_GIANT = "国家级专精特新“小巨人”企业"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('国家级专精特新"小巨人"企业', (LITTLE_GIANT,)),
        ("专精特新小巨人", (LITTLE_GIANT,)),
        ("省级专精特新“小巨人”", ("省级专精特新“小巨人”企业",)),
        ("省级专精特新", ("专精特新中小企业",)),
        ("（国高企业）", ("高新技术企业",)),
        ("国家高新技术企业、科技型中小企业", ("高新技术企业", "科技型中小企业")),
        ("制造业单项冠军", ("国家级制造业单项冠军企业",)),
        ("独角兽", ("独角兽企业",)),
        ("ISO 9001认证", ("ISO9001质量管理体系认证",)),
        ("房屋建筑工程施工总承包壹级", ("建筑工程施工总承包一级资质",)),
        ("甲级设计院", ("设计甲级资质",)),
        ("等保三级、CMMI5", ("网络安全等级保护三级", "CMMI5级")),
        ("高新技术企业（申报中）", ()),
        ("非高新技术企业", ()),
        ("无", ()),
        ("", ()),
    ],
)
def test_qualifications(text: str, names: tuple[str, ...]) -> None:
    assert read_qualifications(text) == names


@pytest.mark.parametrize(
    ("held", "wanted", "answer"),
    [
        ([LITTLE_GIANT], "省级专精特新", True),
        ([LITTLE_GIANT], "创新型中小企业", True),
        (["专精特新中小企业"], LITTLE_GIANT, False),
        (["国高企业"], "国家高新技术企业", True),
        (["建筑工程施工总承包一级资质"], "施工总承包贰级及以上", True),
        (["建筑工程施工总承包三级资质"], "施工总承包二级", False),
        (["建筑工程施工总承包一级资质"], "市政公用工程施工总承包二级", False),
        (["CMMI5"], "CMMI3级", True),
        (["科技型中小企业"], "高新技术企业或科技型中小企业", True),
        (["科技型中小企业"], "高新技术企业、科技型中小企业", False),
        (["某某特许证"], "某某特许证", True),
        (["某某特许证"], "另一特许证", False),
        ([], "高新技术企业", False),
        (["高新技术企业"], "", False),
    ],
)
def test_holding_a_qualification(held: list[str], wanted: str, answer: bool) -> None:
    assert holds(held, wanted) is answer


@pytest.mark.parametrize("name", known_qualifications())
def test_every_official_name_reads_as_itself_and_implies_known_ones(name: str) -> None:
    assert read_qualifications(name) == (name,)
    assert holds([name], name)
    assert set(implied_qualifications(name)) <= set(known_qualifications())


@given(st.text(max_size=40), st.text(max_size=20))
def test_qualifications_never_raise(text: str, wanted: str) -> None:
    read_qualifications(text)
    holds([text], wanted)


@pytest.mark.parametrize(
    ("text", "stage", "certain"),
    [
        ("已于2025年8月1日签约", "签约", True),
        ("2025年7月10日签约", "签约", True),
        ("签约（2025年7月10日）", "签约", True),
        ("2025.7.10开工建设", "开工", True),
        ("正在洽谈", "对接", True),
        ("拟于2025年8月15日签约", "意向", False),
        ("计划2026年3月15日前开工", "注册", False),
    ],
)
def test_a_date_beside_a_stage_does_not_hide_it(text: str, stage: str, certain: bool) -> None:
    reading = read_stage(text)
    assert reading is not None
    assert (reading.stage, reading.certain) == (stage, certain)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("已于2025年8月1日签约", (("签约", date(2025, 8, 1)),)),
        ("签约（2025-07-10）", (("签约", date(2025, 7, 10)),)),
        (
            "2025年7月10日正式签约，2025年9月3日完成注册",
            (("签约", date(2025, 7, 10)), ("注册", date(2025, 9, 3))),
        ),
        ("签约时间：2025年7月10日，预计2026年3月1日开工", (("签约", date(2025, 7, 10)),)),
        ("2025年8月签约", ()),
        ("2025年8月1日召开会议，企业有意向", ()),
        ("", ()),
    ],
)
def test_days_on_which_stages_were_reached(text: str, dates: tuple[tuple[str, date], ...]) -> None:
    assert stage_dates(text) == dates
