"""``programme.toml``: the few things a folder of workbooks does not say. Every key has a default.

::

    name = "产城中国城市行·太原站"
    city = "太原市"            # host city
    batch = "第一批"
    as_of = 2021-05-20        # the day all deadlines are judged on; default: today
    seed = 2021
    others = ["郑州市"]        # other attending cities, diagnosed too

    [plan]
    pack = "基准包.json"         # what the cities are scored against; default: the shipped one
    tracks = "tracks.toml"    # edited table of needs (yingcheng plan rules writes a copy); default: the shipped one
    stage_rule = "stage_rule.toml"
    include = { "绿色生态" = "市政府工作报告列为头号工程" }  # tracks taken in, each with its reason, which is printed
    exclude = { "城市治理" = "已另案推进" }              # tracks left out, likewise

    [matchmaking]
    candidates = 10           # candidates listed per opportunity
    per_opportunity = 3       # meetings at most per opportunity
    per_enterprise = 6        # meetings at most per enterprise
    minimum = 0.2             # lowest score shown; default: the engine's own
    model = "匹配模型.toml"     # what yingcheng learn made of your decisions, relative to the folder
    encoder = "use"           # also match by meaning: "use", or a folder with model.onnx; default: by words only
    fair = "needs"            # raise the worst-off first: "needs", "offers", "both"; default: "none"
    fair_price = 0.05         # share of the total score that this may cost; default: 1, whatever it costs
    fair_depth = 3            # how many of the worst-off are raised one after the other; default: 1
    lottery = 7               # draw among equal choices with this seed; default: whoever comes first
    enterprise_minimum = 1    # meetings that every enterprise should have; default: 0
    must = [["智慧停车", "甲公司"]]    # pairs that meet in any case; must_not and met likewise
    minimums = { "智慧停车" = 2 }       # meetings at least; weights = { "智慧停车" = 1.5 } likewise
    quotas = [{ name = "小微企业", attribute = "规模", values = ["小型", "微型"], least_share = 0.3 }]

    [session]
    date = 2021-05-22         # default: two weeks after as_of
    windows = ["09:00-12:00", "14:00-17:00"]
    slot_minutes = 20
    rest = 0                  # least minutes between two meetings of one party
    tables = 12               # default: as many as the meetings need; or a list of names
    link_base = "https://…"    # where the folder 上网 is put, for the QR codes of the badges; default: none

    [projects]
    formula = "考核办法.toml"   # score sheet, relative to the folder
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rapidfuzz import process

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.matchmaking.wishes import QUOTA_ATTRIBUTES, QuotaWish, Wishes
from yingcheng.standards.tracks import TRACKS

__all__ = ["SETTINGS_FILE", "SETTINGS_KEYS", "Settings", "load_settings"]

SETTINGS_FILE = "programme.toml"

Window = tuple[time, time]

_MOST_TABLES = 500
_MOST_WEIGHT = 100
_MOST_DEPTH = 10
_MOST_FOCUS = 5  # tracks in focus


@dataclass(frozen=True, slots=True)
class Settings:
    """The programme's settings; see the module text for the file they come from."""

    as_of: date
    name: str = "产城中国城市行"
    city: str = ""
    batch: str = ""
    seed: int = 0
    others: tuple[str, ...] = ()
    candidates: int = 10
    per_opportunity: int = 3
    per_enterprise: int = 6
    minimum: float | None = None
    model: str = ""
    encoder: str = ""
    fair: str = "none"
    fair_price: float = 1.0
    fair_depth: int = 1
    lottery: int | None = None
    enterprise_minimum: int = 0
    wishes: Wishes = field(default_factory=Wishes)
    session_date: date | None = None
    windows: tuple[Window, ...] = ((time(9), time(12)), (time(14), time(17)))
    slot_minutes: int = 20
    rest: int = 0
    tables: tuple[str, ...] | int | None = None
    link_base: str = ""
    formula: str = ""
    pack: str = ""
    tracks: str = ""
    stage_rule: str = ""
    include: tuple[tuple[str, str], ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("应为文字"))
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(_('应为文字列表，如 ["甲", "乙"]'))
    return tuple(value)


def _reasons(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise ValueError(_('应写成 { "赛道" = "理由" }'))
    for track, reason in value.items():
        if track not in TRACKS:
            near = process.extractOne(track, TRACKS, score_cutoff=30)
            hint = _("您是否指：{name}").format(name=near[0]) if near else ""
            raise ValueError(_("没有“{track}”这个赛道。{hint}").format(track=track, hint=hint))
        if not isinstance(reason, str) or not reason.strip():
            raise ValueError(_("改选“{track}”须写明理由，理由将印在成果里").format(track=track))
    if len(value) > _MOST_FOCUS:
        raise ValueError(_("最多 {most} 条").format(most=_MOST_FOCUS))
    return tuple(value.items())


def _day(value: Any) -> date:
    if type(value) is not date:
        raise ValueError(_("应为日期，如 2026-05-20（不加引号）"))
    if not 1990 <= value.year <= 2100:
        raise ValueError(_("应为 1990 年到 2100 年之间的日期"))
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(_("应为不小于 0 的整数"))
    return value


def _count(value: Any) -> int:
    if _whole(value) == 0:
        raise ValueError(_("应为不小于 1 的整数"))
    return int(value)


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(_("应为 0 到 1 之间的数"))
    return float(value)


def _depth(value: Any) -> int:
    if _count(value) > _MOST_DEPTH:
        raise ValueError(_("应为不大于 {most} 的整数").format(most=_MOST_DEPTH))
    return int(value)


def _fair(value: Any) -> str:
    if value not in ("none", "needs", "offers", "both"):
        raise ValueError(_('应为 "none"、"needs"、"offers" 或 "both"'))
    return str(value)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(name, str) and name for name in pair)
        for pair in value
    ):
        raise ValueError(_('应写成 [["场景机会", "企业"], …]'))
    return tuple((pair[0], pair[1]) for pair in value)


def _by_name(value: Any, number: Callable[[Any], Any]) -> tuple[tuple[str, Any], ...]:
    if not isinstance(value, dict):
        raise ValueError(_('应写成名称与数值的对照，如 "智慧停车" = 2'))
    return tuple((name, number(amount)) for name, amount in value.items())


def _minimums(value: Any) -> tuple[tuple[str, int], ...]:
    return _by_name(value, _whole)


def _weight(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _MOST_WEIGHT:
        raise ValueError(_("应为大于 0、不大于 {most} 的数").format(most=_MOST_WEIGHT))
    return float(value)


def _weights(value: Any) -> tuple[tuple[str, float], ...]:
    return _by_name(value, _weight)


_QUOTA_LIMITS: Mapping[str, Callable[[Any], Any]] = {
    "least": _whole, "most": _whole, "least_share": _share, "most_share": _share,
}  # fmt: skip


def _quotas(value: Any) -> tuple[QuotaWish, ...]:
    if not isinstance(value, list) or not all(isinstance(quota, dict) for quota in value):
        raise ValueError(_('应写成 [{ name = "…", attribute = "…", values = ["…"], most = 2 }]'))
    return tuple(_quota(quota) for quota in value)


def _quota(quota: Mapping[str, Any]) -> QuotaWish:
    known = ("name", "attribute", "values", *_QUOTA_LIMITS)
    if unknown := [key for key in quota if key not in known]:
        raise ValueError(_unknown(unknown[0], list(known)))
    if any(key not in quota for key in known[:3]) or not any(key in quota for key in _QUOTA_LIMITS):
        raise ValueError(_("每个名额要写明 name、attribute、values，以及 least、most、least_share、most_share 之一"))
    if quota["attribute"] not in QUOTA_ATTRIBUTES:
        raise ValueError(_unknown(str(quota["attribute"]), list(QUOTA_ATTRIBUTES)))
    values = _texts(quota["values"])
    if not values:
        raise ValueError(_("values 至少要有一个值"))
    limits = {key: read(quota[key]) for key, read in _QUOTA_LIMITS.items() if key in quota}
    return QuotaWish(_text(quota["name"]), quota["attribute"], values, **limits)


def _minutes(value: Any) -> int:
    if not 5 <= _count(value) <= 240:
        raise ValueError(_("应为 5 到 240 之间的整数（分钟）"))
    return int(value)


def _tables(value: Any) -> tuple[str, ...] | int:
    if isinstance(value, list):
        names = _texts(value)
        if not names or len(set(names)) < len(names):
            raise ValueError(_("桌位名称不能为空，也不能重复"))
        return names
    if _count(value) > _MOST_TABLES:
        raise ValueError(_("应为不大于 {most} 的整数").format(most=_MOST_TABLES))
    return int(value)


def _address(value: Any) -> str:
    try:
        parts = urlsplit(_text(value).strip())
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() for character in value.strip()):
        raise ValueError(_("应为网址，如 https://example.cn/richeng"))
    return str(value).strip().rstrip("/")


def _windows(value: Any) -> tuple[Window, ...]:
    windows: list[Window] = []
    for text in _texts(value):
        ends = text.replace("：", ":").replace("—", "-").replace("–", "-").split("-")
        try:
            start, end = (time.fromisoformat(part.strip().zfill(5)) for part in ends)
        except ValueError:
            raise ValueError(_('“{text}”应写成 "09:00-12:00"').format(text=text)) from None
        if start >= end or (windows and start < windows[-1][1]):
            raise ValueError(_("“{text}”应晚于前一时段，且结束晚于开始").format(text=text))
        windows.append((start, end))
    if not windows:
        raise ValueError(_("至少要有一个时段"))
    return tuple(windows)


SETTINGS_KEYS: Mapping[str, Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "": {
        "name": ("name", _text), "city": ("city", _text), "batch": ("batch", _text), "as_of": ("as_of", _day),
        "seed": ("seed", _whole), "others": ("others", _texts),
    },
    "plan": {
        "pack": ("pack", _text), "tracks": ("tracks", _text), "stage_rule": ("stage_rule", _text),
        "include": ("include", _reasons), "exclude": ("exclude", _reasons),
    },
    "matchmaking": {
        "candidates": ("candidates", _count), "per_opportunity": ("per_opportunity", _count),
        "per_enterprise": ("per_enterprise", _count), "minimum": ("minimum", _share),
        "model": ("model", _text), "encoder": ("encoder", _text), "fair": ("fair", _fair),
        "fair_price": ("fair_price", _share), "fair_depth": ("fair_depth", _depth), "lottery": ("lottery", _whole),
        "enterprise_minimum": ("enterprise_minimum", _whole), "must": ("wishes.must", _pairs),
        "must_not": ("wishes.must_not", _pairs), "met": ("wishes.met", _pairs),
        "minimums": ("wishes.minimums", _minimums), "weights": ("wishes.weights", _weights),
        "quotas": ("wishes.quotas", _quotas),
    },
    "session": {
        "date": ("session_date", _day), "windows": ("windows", _windows), "slot_minutes": ("slot_minutes", _minutes),
        "rest": ("rest", _whole), "tables": ("tables", _tables),
        "link_base": ("link_base", _address),
    },
    "projects": {"formula": ("formula", _text)},
}  # fmt: skip
"""Section → key in the file → field of Settings and reader."""


def _unknown(name: str, known: list[str]) -> str:
    near = process.extractOne(name, known, score_cutoff=60)
    hint = _("您是否指：{name}").format(name=near[0]) if near else _("可用的有：{names}").format(names="、".join(known))
    return _("不认识的设置“{name}”。{hint}").format(name=name, hint=hint)


def _read_section(section: str, table: Mapping[str, Any], values: dict[str, Any], faults: list[str]) -> None:
    keys = SETTINGS_KEYS[section]
    prefix = f"{section}." if section else ""
    for key, value in table.items():
        if key not in keys:
            faults.append(_unknown(prefix + key, [prefix + known for known in keys]))
            continue
        field, reader = keys[key]
        try:
            values[field] = reader(value)
        except ValueError as fault:
            faults.append(f"{prefix}{key} = {value!r}：{fault}")


def load_settings(path: Path, *, today: date) -> Settings:
    """Read ``programme.toml``; a missing file gives the defaults with ``as_of = today``.

    Raises:
        SettingsError: with every fault of the file, not only the first.
    """
    values: dict[str, Any] = {"as_of": today}
    if path.is_file():
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise SettingsError(
                _("不是有效的 TOML 文件：{fault}").format(fault=fault),
                where=path.name,
                remedy=_("请按文档修改后重试。"),
            ) from fault
        faults: list[str] = []
        top = {key: value for key, value in content.items() if not isinstance(value, dict)}
        _read_section("", top, values, faults)
        for section, table in content.items():
            if isinstance(table, dict):
                if section in SETTINGS_KEYS and section:
                    _read_section(section, table, values, faults)
                else:
                    faults.append(_unknown(section, [name for name in SETTINGS_KEYS if name]))
        both = dict(values.get("include", ())).keys() & dict(values.get("exclude", ())).keys()
        faults.extend(_("赛道“{track}”既列入又不列入。").format(track=track) for track in sorted(both))
        if faults:
            raise SettingsError(
                _("设置文件有 {count} 处错误").format(count=len(faults)), where=path.name, faults=tuple(faults)
            )
    wished = {field.split(".")[1]: values.pop(field) for field in list(values) if field.startswith("wishes.")}
    return Settings(**values, wishes=Wishes(**wished))


def described(settings: Settings) -> dict[str, Any]:
    """The settings as plain values for the record of a run."""
    return {field.name: _plain(getattr(settings, field.name)) for field in fields(settings)}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value
