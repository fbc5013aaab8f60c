"""行政区划 (GB/T 2260): names, short names and codes → regions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_rows, read_toml
from yingcheng.standards.lexicon import Lexicon
from yingcheng.standards.text import one_line

__all__ = ["Region", "RegionReading", "find_region", "is_within", "prefectures", "provinces", "region_by_code"]


@dataclass(frozen=True, slots=True)
class Region:
    """A province, prefecture or county. ``code`` has six digits."""

    code: str
    name: str
    level: str  # province / prefecture / county
    path: str  # 山西省太原市小店区


@dataclass(frozen=True, slots=True)
class RegionReading:
    """The region a text names.

    ``certain`` is false where several regions fit or only a part of the text was a region; ``note`` says why.
    ``abolished`` marks a name or code that no longer exists; ``region`` is then the one that took it over.
    """

    region: Region | None
    certain: bool
    note: str
    abolished: bool = False


@dataclass(frozen=True, slots=True)
class _Abolished:
    code: str
    name: str
    year: str
    successor: str


_LEVEL = {"province": 0, "prefecture": 1, "county": 2}
_WORDS = read_toml("region_words.toml")
_AUTONOMOUS = re.compile(rf"(?:{'|'.join(_WORDS['nations'])})*自治(?:州|县|旗|区)$")
_PLAIN_END = re.compile(r"(?:特别行政区|自治区|地区|新区|矿区|林区|特区|省|市|盟|县|区|旗)$")
_SHORT: dict[str, str] = _WORDS["short_names"]  # those no rule gives
_NOT_SHORT = frozenset(_WORDS["common_words"])  # for these only the full name of the county counts
_FILLER = re.compile(r"[\s,，、/\\>＞\-—·.。:：|（(\[]+")
_OTHER_ZONE = re.compile(
    r"(?:综合改革|转型综改|经济技术|高新技术|经济|高新|技术产业|自由贸易|自贸|综合保税|保税|航空港|临空|科技|产业|工业|文化旅游|旅游|国家级|示范|实验|先行|"
    r"城乡一体化|[\u4e00-\u9fff]{0,8})(?:开发区|示范区|高新区|经开区|综改区|自贸区|试验区|实验区|先行区|保税区|新区|园区|产业园|科学城|管委会|管理区|度假区|风景区|片区|合作区|集聚区|功能区|新城|港区|经济带|都市圈|城市群)"
)
_STREET = re.compile(
    r"[东西南北中]?(?:[一二三四五六七八九十]?路|大?街|大道|巷|胡同|大桥|站(?!前)|饭店|宾馆|大厦|银行|大学|学院)"
)
_ADDRESS = re.compile(
    r"[路街道巷号镇乡村组屯园楼座厦弄栋室苑]|街道|社区|广场|小区|附近|沿线|境内|辖区|全域|范围|内$|全市|全县|全区|全省|及周边|周边|等地"
)
_WHOLE = re.compile(
    r"^(?:全市|全区|全县|全省|全域|全市各区县|全市各县区|市本级|本级|市直|市域|市域范围|全市范围|全市域|本市|市内|市区|市辖区|区内|县域|辖区|辖区内|主城区|中心城区|各区县?|各县\(?市?、?区?\)?|市级|省级|区级)(?:内|范围内?)?$"
)
_SAME_PLACE = frozenset(_WORDS["same_place"])
_ANYWHERE = re.compile(r"^(?:全国|中国|国内|不限|全球|境外|海外|国外|线上|待定|无|暂无|n/a|na|-|—|/)?$")
_NEXT = 24  # characters; enough for the longest path, and the reading of a long list stays shallow
_LIST = re.compile(r"^[\s]*(?:[,，、/;；和及与]|以及)\s*")
_BETWEEN = re.compile(r"[,，、/;；]|(?<=[省市县区旗州盟])(?:以及|[和及与])")  # but not the 和 of 和平区
_LONGEST_LIST = 400  # characters of a list that are looked at
_CODE = re.compile(r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})(?:\.0)?$")


@dataclass(frozen=True, slots=True)
class _Tables:
    by_code: dict[str, Region]
    by_name: dict[str, tuple[Region, ...]]  # full names and short names, highest level first
    full_names: frozenset[str]
    lexicon: Lexicon
    abolished_codes: dict[str, _Abolished]
    abolished_names: dict[str, tuple[_Abolished, ...]]


def _parent(code: str) -> str:
    return code[:4] + "00" if not code.endswith("00") else code[:2] + "0000"


def _short_name(name: str, level: str) -> str:
    """内蒙古, 太原, 恩施, 小店; empty where the short form would be too short or a common word."""
    if name in _SHORT:
        return _SHORT[name]
    short = _AUTONOMOUS.sub("", name)
    if short == name or not short:
        short = _PLAIN_END.sub("", name)
    usable = len(short) >= 2 and short != name and not (level == "county" and short in _NOT_SHORT)
    return short if usable else ""


@cache
def _tables() -> _Tables:
    names = {row["code"]: row["name"] for row in read_rows("regions.csv")}
    by_code: dict[str, Region] = {}
    for code in sorted(names):
        level = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
        above = [names.get(code[:2] + "0000", "")] if level != "province" else []
        if level == "county":
            above.append(names.get(code[:4] + "00", ""))
        by_code[code] = Region(code, names[code], level, "".join(above) + names[code])
    by_name: dict[str, list[Region]] = {}
    for region in sorted(by_code.values(), key=lambda r: (_LEVEL[r.level], r.code)):
        for name in dict.fromkeys((region.name, _short_name(region.name, region.level))):
            if name:
                by_name.setdefault(name, []).append(region)
    for name, code in _WORDS["usual_names"].items():
        by_name.setdefault(name, [by_code[code]])
    abolished = [
        _Abolished(row["code"], row["name"], row["year"], row["successor"])
        for row in read_rows("abolished_regions.csv")
    ]
    gone: dict[str, list[_Abolished]] = {}
    for entry in abolished:
        if entry.name not in by_name and len(entry.name) > 2:
            gone.setdefault(entry.name, []).append(entry)
    return _Tables(
        by_code,
        {name: tuple(regions) for name, regions in by_name.items()},
        frozenset(names.values()),
        Lexicon([*by_name, *gone]),
        {entry.code: entry for entry in abolished},
        {name: tuple(entries) for name, entries in gone.items()},
    )


def region_by_code(code: str) -> Region | None:
    """The present region of a code: six digits, or two, four, nine or twelve of which six count; ``None`` if unknown.

    An abolished code is unknown here; :func:`find_region` names its successor.
    """
    match = _CODE.match(code.strip())
    return _tables().by_code.get(match[1][:6].ljust(6, "0")) if match else None


@cache
def provinces() -> tuple[Region, ...]:
    """The 34 provinces, autonomous regions, municipalities and special regions, by code."""
    return tuple(region for region in _tables().by_code.values() if region.level == "province")


@cache
def prefectures() -> tuple[Region, ...]:
    """The 333 prefectures (地级), by code; the four municipalities are provinces and not among them."""
    return tuple(region for region in _tables().by_code.values() if region.level == "prefecture")


def is_within(inner: Region, outer: Region) -> bool:
    """Whether ``inner`` is ``outer`` or lies in it."""
    prefix = {"province": 2, "prefecture": 4, "county": 6}[outer.level]
    return inner.code[:prefix] == outer.code[:prefix]


def _read_code(code: str) -> RegionReading:
    tables = _tables()
    six = code[:6].ljust(6, "0")
    region = tables.by_code.get(six)
    if region is not None:
        return RegionReading(region, True, "")
    if entry := tables.abolished_codes.get(six):
        return _gone(entry)
    above = tables.by_code.get(_parent(six)) or tables.by_code.get(six[:2] + "0000")
    return RegionReading(
        above, False, f"代码{code}不在现行行政区划代码中" + (f"，按前几位属{above.path}" if above else "")
    )


def _gone(entry: _Abolished) -> RegionReading:
    successor = _tables().by_code[entry.successor]
    note = f"{entry.name}（{entry.code}）已于{entry.year}年撤销，现属{successor.path}"
    return RegionReading(successor, True, note, abolished=True)


@lru_cache(maxsize=1 << 15)
def find_region(text: str, *, within: str = "") -> RegionReading:
    """The region a cell names.

    Args:
        text: a name (山西省太原市小店区, 太原, 小店区), an address that begins with one, or a code of GB/T 2260.
        within: a region that decides between counties of the same name and gives 全市 its meaning.

    Returns:
        The lowest region named. 鼓楼区 without ``within`` is left open; 太原高新区 gives 太原市, not certain, because
        the zone is no administrative region.
    """
    line = one_line(text).strip(" 。，,;；、")
    outer = find_region(within).region if within and within != text else None
    if match := _CODE.match(line):
        return _read_code(match[1])
    if _ANYWHERE.match(line.lower()):
        return RegionReading(None, False, "没有地区" if not line else f"“{line}”不是具体地区")
    if _WHOLE.match(line):
        return RegionReading(outer, outer is not None, "" if outer else f"“{line}”没有说明是哪个地区")
    return _scan(line, outer)


def _choices(name: str, current: Region | None, outer: Region | None, *, first: bool) -> tuple[Region, ...]:
    """Regions of that name that fit below what was read so far, or within ``outer`` at the beginning."""
    regions = _tables().by_name.get(name, ())
    if current is not None:
        return tuple(r for r in regions if r != current and is_within(r, current))
    if outer is not None and first:
        inside = tuple(r for r in regions if is_within(r, outer))
        if inside:
            return inside
    return regions


def _best(choices: tuple[Region, ...]) -> tuple[Region, ...]:
    """Those of the highest level: 吉林 is the province, 朝阳 the prefecture."""
    return tuple(r for r in choices if r.level == choices[0].level)


def _scan(line: str, outer: Region | None) -> RegionReading:
    tables = _tables()
    position = 2 if line.startswith("中国") and len(line) > 3 else 0
    current: Region | None = None
    note = ""
    while position < len(line):
        gap = _FILLER.match(line, position)
        at = gap.end() if gap else position
        hit = tables.lexicon.at(line.lower(), at)
        if hit is None:
            break
        word, end = hit.word, hit.end
        if word not in tables.full_names and _STREET.match(line, end):
            break
        if current is None and word in tables.abolished_names:
            return _read_gone(line, word, outer)
        choices = _best(found) if (found := _choices(word, current, outer, first=current is None)) else ()
        if not choices:
            if current is not None and _once_within(word, current):
                return _read_gone(line[at:], word, current)
            break
        if len(choices) > 1:
            following = _disambiguated(line, end, choices)
            if following is None:
                return _ambiguous(word, choices, current)
            choices = (following,)
        elif current is None and word not in tables.full_names and (also := _namesakes(choices[0], found)):
            note = also
        current, position = choices[0], end
    if current is None:
        return _elsewhere(line, outer)
    if _is_zone_of_that_name(line, position, current):
        above = _tables().by_code.get(_parent(current.code)) if line.startswith(_parents(current)) else None
        return RegionReading(above, False, f"“{line[:20]}”不是行政区划，与{current.path}不是一回事")
    return _rest(line[position:], current, note, outer)


def _once_within(word: str, current: Region) -> bool:
    """Whether a name that is gone was, or is now, part of the region; a county has no parts here."""
    if current.level == "county":
        return False
    tables = _tables()
    prefix = current.code[: 2 if current.level == "province" else 4]
    return any(
        entry.code.startswith(prefix) or entry.successor.startswith(prefix)
        for entry in tables.abolished_names.get(word, ())
    )


def _is_zone_of_that_name(line: str, position: int, current: Region) -> bool:
    """Whether a district was read from its short name in the name of a zone: 滨湖新区 is not 滨湖区."""
    if current.level != "county" or not current.name.endswith("区") or line[:position].endswith(current.name):
        return False
    return _OTHER_ZONE.match(line, position) is not None


def _parents(region: Region) -> tuple[str, ...]:
    """Ways to write what is above a district, to tell whether a line began with it."""
    above = _tables().by_code.get(_parent(region.code))
    if above is None:
        return ()
    names = (above.path, above.name, _short_name(above.name, above.level))
    return tuple(name for name in names if name)


def _disambiguated(line: str, end: int, choices: tuple[Region, ...]) -> Region | None:
    """Of several namesakes the one that holds the region named right behind."""
    gap = _FILLER.match(line, end)
    hit = _tables().lexicon.at(line.lower(), gap.end() if gap else end)
    if hit is None:
        return None
    fitting = [c for c in choices if any(r != c and is_within(r, c) for r in _tables().by_name.get(hit.word, ()))]
    return fitting[0] if len(fitting) == 1 else None


def _namesakes(region: Region, found: tuple[Region, ...]) -> str:
    others = [r for r in found if r != region and not is_within(r, region)]
    return f"另有同名：{'、'.join(r.path for r in others[:3])}" if others else ""


def _ambiguous(word: str, choices: tuple[Region, ...], current: Region | None) -> RegionReading:
    named = "、".join(r.path for r in choices[:4]) + ("等" if len(choices) > 4 else "")
    return RegionReading(current, False, f"“{word}”有{len(choices)}处：{named}，需要上级地区")


def _read_gone(line: str, word: str, outer: Region | None) -> RegionReading:
    entries = _tables().abolished_names[word]
    fitting = [e for e in entries if outer is None or e.code[:2] == outer.code[:2]]
    if len(fitting) == 1:
        reading = _gone(fitting[0])
        if not line.startswith(word):
            return RegionReading(reading.region, False, reading.note, True)
        several = _several(line[len(word) :], reading.region) if reading.region else None
        return several or reading
    return RegionReading(None, False, f"“{word}”是已撤销的地区名")


def _rest(rest: str, current: Region, note: str, outer: Region | None) -> RegionReading:
    """Judge what stands behind the region that was read."""
    tail = rest.strip(" ）)]。.，,、;；")
    if not tail or tail in _SAME_PLACE:
        certain = not (note and outer is None and current.level == "county")
        return RegionReading(current, certain, note)
    if several := _several(rest, current):
        return several
    if zone := _OTHER_ZONE.match(tail):
        return RegionReading(current, False, f"“{zone.group()}”不是行政区划，按{current.name}计")
    if _ADDRESS.search(tail):
        return RegionReading(current, True, note)
    return RegionReading(
        current, False, "；".join(filter(None, (note, f"只读懂“{current.name}”，其余为“{tail[:20]}”")))
    )


def _several(rest: str, first: Region) -> RegionReading | None:
    """A list of places in one cell: what they have in common, never certain; ``None`` where no other place follows."""
    listed = _LIST.match(rest)
    if listed is None:
        return None
    above = _above(first)
    places = [first]
    for piece in _BETWEEN.split(rest[listed.end() :][:_LONGEST_LIST]):
        other = find_region(piece[:_NEXT], within=above).region if piece.strip() else None
        if other is not None and not any(is_within(other, place) or is_within(place, other) for place in places):
            places.append(other)
    if len(places) == 1:
        return None
    common: Region | None = first
    for place in places[1:]:
        common = _common(common, place) if common is not None else None
    return RegionReading(common, False, f"提到多个地区：{'、'.join(place.path for place in places)}")


def _above(region: Region) -> str:
    parent = _tables().by_code.get(_parent(region.code))
    return parent.path if parent is not None and region.level != "province" else ""


def _common(first: Region, second: Region) -> Region | None:
    for length in (4, 2):
        code = first.code[:length].ljust(6, "0")
        if first.code[:length] == second.code[:length] and (region := _tables().by_code.get(code)):
            return region
    return None


def _elsewhere(line: str, outer: Region | None) -> RegionReading:
    """Nothing at the beginning: a full name further inside is worth a guess."""
    tables = _tables()
    for hit in tables.lexicon.find(line[:60]):
        if hit.word in tables.full_names and len(hit.word) > 2:
            choices = _best(_choices(hit.word, None, outer, first=True))
            if len(choices) == 1:
                return RegionReading(choices[0], False, f"文字中提到“{hit.word}”")
    if outer is not None:
        return RegionReading(outer, False, f"“{line[:20]}”不是行政区划，按{outer.name}计")
    return RegionReading(None, False, f"“{line[:20]}”不是行政区划")
