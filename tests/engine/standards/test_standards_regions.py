"""Regions: names, short names, codes, abolished ones, and what is no region."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.datafiles import read_rows
from yingcheng.standards.regions import find_region, is_within, prefectures, provinces, region_by_code

ALL = tuple(region for row in read_rows("regions.csv") if (region := region_by_code(row["code"])))


@pytest.mark.parametrize(
    ("text", "within", "path"),
    [
        ("太原", "", "山西省太原市"),
        ("太原市", "", "山西省太原市"),
        ("小店区", "", "山西省太原市小店区"),
        ("小店", "", "山西省太原市小店区"),
        ("山西", "", "山西省"),
        ("内蒙古", "", "内蒙古自治区"),
        ("恩施", "", "湖北省恩施土家族苗族自治州"),
        ("山西省太原市小店区", "", "山西省太原市小店区"),
        ("山西太原", "", "山西省太原市"),
        ("太原市/小店区", "", "山西省太原市小店区"),
        ("太原市小店区坞城路92号", "", "山西省太原市小店区"),
        ("中国山西太原", "", "山西省太原市"),
        ("北京朝阳", "", "北京市朝阳区"),
        ("吉林", "", "吉林省"),
        ("吉林市", "", "吉林省吉林市"),
        ("太原市各区县", "", "山西省太原市"),
        ("济源", "", "河南省济源市"),
        ("浦东新区", "", "上海市浦东新区"),
        ("鼓楼区", "南京市", "江苏省南京市鼓楼区"),
        ("城关区", "兰州", "甘肃省兰州市城关区"),
        ("朝阳", "北京", "北京市朝阳区"),
        ("全市", "太原", "山西省太原市"),
        ("140106", "", "山西省太原市迎泽区"),
        ("1401", "", "山西省太原市"),
        ("140105000000", "", "山西省太原市小店区"),
    ],
)
def test_finds_the_region(text: str, within: str, path: str) -> None:
    reading = find_region(text, within=within)
    assert reading.region is not None
    assert (reading.region.path, reading.certain, reading.abolished) == (path, True, False)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("山西转型综合改革示范区", "山西省"),
        ("太原高新区", "山西省太原市"),
        ("苏州工业园区", "江苏省苏州市"),
        ("雄安新区", None),
        ("鼓楼区", None),
        ("城关区", None),
        ("太原市小店区、迎泽区", "山西省太原市"),
        ("太原市、晋中市", "山西省"),
        ("全市", None),
        ("全国", None),
        ("南京东路", None),
        ("随便写的", None),
        ("999999", None),
    ],
)
def test_what_is_not_plainly_one_region_is_not_certain_and_says_why(text: str, path: str | None) -> None:
    reading = find_region(text)
    assert (reading.region.path if reading.region else None) == path
    assert not reading.certain
    assert reading.note


@pytest.mark.parametrize(
    ("text", "successor", "year"),
    [
        ("莱芜市", "370100", "2019"),
        ("371200", "370100", "2019"),
        ("341400", "340100", "2011"),
        ("崇文区", "110101", "2010"),
        ("山西省太谷县", "140703", "2019"),
        ("140726", "140703", "2019"),
    ],
)
def test_an_abolished_region_names_its_successor(text: str, successor: str, year: str) -> None:
    reading = find_region(text)
    assert reading.abolished
    assert reading.region is not None
    assert reading.region.code == successor
    assert year in reading.note


def test_the_county_level_city_of_the_same_name_is_not_abolished() -> None:
    reading = find_region("巢湖市")
    assert reading.region is not None
    assert (reading.region.code, reading.abolished) == ("340181", False)


def test_every_successor_exists_and_no_abolished_code_is_still_in_force() -> None:
    for row in read_rows("abolished_regions.csv"):
        assert region_by_code(row["successor"]) is not None
        assert region_by_code(row["code"]) is None


def test_numbers_of_provinces_and_prefectures() -> None:
    assert len(provinces()) == 34
    assert len(prefectures()) == 333
    assert all(region.code.endswith("00") and not region.code.endswith("0000") for region in prefectures())


@pytest.mark.parametrize("region", prefectures(), ids=lambda region: region.code)
def test_every_prefecture_is_found_by_its_name(region: object) -> None:
    assert find_region(region.name).region == region  # type: ignore[attr-defined]


@given(st.sampled_from(ALL))
def test_every_region_is_found_by_its_path_and_its_code(region: object) -> None:
    by_path, by_code = find_region(region.path), find_region(region.code)  # type: ignore[attr-defined]
    assert (by_path.region, by_path.certain) == (region, True)
    assert (by_code.region, by_code.certain) == (region, True)


@given(st.sampled_from(ALL), st.sampled_from(["坞城路1号", "某某街道", "12号楼"]))
def test_an_address_behind_it_changes_nothing(region: object, address: str) -> None:
    assert find_region(region.path + address).region == region  # type: ignore[attr-defined]


@given(st.text(max_size=30), st.text(max_size=6))
def test_never_raises(text: str, within: str) -> None:
    reading = find_region(text, within=within)
    assert reading.region is not None or reading.note


def test_lying_within() -> None:
    province, city, county = (find_region(name).region for name in ("山西省", "太原市", "小店区"))
    other = find_region("大同市").region
    assert province is not None
    assert city is not None
    assert county is not None
    assert other is not None
    assert is_within(county, city)
    assert is_within(city, province)
    assert not is_within(county, other)
    assert not is_within(province, city)


def test_a_long_list_of_regions_is_read_without_end_of_stack() -> None:
    names = "、".join(region.name for region in prefectures()) * 5
    reading = find_region(names)
    assert not reading.certain


@pytest.mark.parametrize(
    ("text", "within", "path"),
    [
        ("滨湖新区", "合肥", None),
        ("滨湖新区", "", None),
        ("合肥市滨湖新区", "", "安徽省合肥市"),
        ("无锡市滨湖高新区", "", "江苏省无锡市"),
        ("西湖示范区", "杭州", None),
        ("小店区经济开发区", "", "山西省太原市小店区"),
    ],
)
def test_a_zone_is_not_the_district_of_that_name(text: str, within: str, path: str | None) -> None:
    reading = find_region(text, within=within)
    assert (reading.region.path if reading.region else None) == path
    assert not reading.certain
    assert "不是行政区划" in reading.note


@pytest.mark.parametrize(
    ("text", "within", "path", "named"),
    [
        ("庐江县、居巢区", "", "安徽省合肥市", ("庐江县", "巢湖市")),
        ("居巢区、庐江县", "", "安徽省合肥市", ("巢湖市", "庐江县")),
        ("庐江县、居巢区", "合肥", "安徽省合肥市", ("庐江县", "巢湖市")),
        ("庐阳区、蜀山区和包河区", "合肥", "安徽省合肥市", ("庐阳区", "蜀山区", "包河区")),
        ("沈阳市沈河区、和平区", "", "辽宁省沈阳市", ("沈河区", "和平区")),
        ("太原市、上海市", "", None, ("太原市", "上海市")),
        ("太原、大同、临汾", "", "山西省", ("太原市", "大同市", "临汾市")),
    ],
)
def test_several_places_in_one_cell_are_all_named(
    text: str, within: str, path: str | None, named: tuple[str, ...]
) -> None:
    reading = find_region(text, within=within)
    assert (reading.region.path if reading.region else None) == path
    assert not reading.certain
    assert all(name in reading.note for name in named)


@pytest.mark.parametrize("text", ["全市", "市本级"])
def test_the_whole_city_is_the_city_where_it_is_known(text: str) -> None:
    assert find_region(text).region is None
    assert find_region(text).note
    reading = find_region(text, within="合肥")
    assert reading.region is not None
    assert (reading.region.path, reading.certain) == ("安徽省合肥市", True)
