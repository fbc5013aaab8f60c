"""Company names: what belongs to the name, what was only noted behind it, and the key that joins spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from yingcheng.standards.regions import find_region
from yingcheng.standards.text import one_line

__all__ = ["CompanyName", "company_form", "company_key", "is_full_form", "read_company_name"]


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A company name without the remarks that stood around it; ``notes`` holds those, in order."""

    name: str
    notes: tuple[str, ...]


_FICTIONAL = "虚构"
_LONGEST_PLACE = 8  # characters of a place in brackets
_BRACKETS = str.maketrans("()〔〕[]【】", "（）（）（）（）")
_CHINESE = r"\u3400-\u9fff（）、·"
_BLANK_IN_CHINESE = re.compile(rf"(?<=[{_CHINESE}]) +(?=[{_CHINESE}])")
_QUOTES = "\"'“”‘’「」《》"
_NUMBERING = re.compile(r"^(?:[①-⑳⑴-⒇]|[0-9]{1,4}(?:[.、)）]|(?= ))|（[0-9]{1,3}）)\s*(?=\S{2})")
_LEGAL_BRACKET = re.compile(
    r"^(?:(?:特殊)?普通合伙|有限合伙|合伙|集团|控股|中国|筹|个体工商户|个人独资|个人独资企业|"
    r".*(?:有限(?:责任)?公司|股份公司|集团|合伙企业))$"
)
_REMARK = re.compile(
    r"虚构|国高|高企|高新|专精特新|小巨人|单项冠军|独角兽|瞪羚|上市|新三板|股票|代码|证券|原名?[:：为]|曾用名|简称|以下|"
    r"牵头|联合体|总部|会员|成员|单位|企业|央企|国企|民企|外资|合资|待|拟|暂|备注|注[:：]|[0-9]{4}年|主体|参股|子公司"
)
_LEGAL_END = re.compile(
    r"(?:公司|集团|合伙企业|（(?:特殊)?普通合伙）|（有限合伙）|事务所|研究院|设计院|合作社|厂|中心|店|分公司|大学|学院)$"
)
_TAIL = re.compile(
    r"^(?P<name>.+?(?:有限公司|有限责任公司|股份公司|集团公司|（有限合伙）))[ \-—–:：,，;；]+(?P<note>.+)$"
)


_BRANCH = re.compile(r"(?:分公司|分院|分所|分行|支行|办事处|分部)$")


def _is_place(text: str) -> bool:
    if len(text) > _LONGEST_PLACE or _REMARK.search(text):
        return False
    reading = find_region(text)
    return reading.region is not None and reading.certain


def _trailing_bracket(name: str) -> tuple[str, str] | None:
    """Split ``甲公司（国高企业）`` before its last balanced bracket; None where it does not end in one."""
    if not name.endswith("）"):
        return None
    depth = 0
    for index in range(len(name) - 1, -1, -1):
        depth += {"）": 1, "（": -1}.get(name[index], 0)
        if depth == 0:
            return (name[:index].rstrip(), name[index + 1 : -1].strip()) if index else None
    return None


def _is_remark(head: str, inside: str) -> bool:
    if not inside:
        return True
    if _BRANCH.search(inside) or _is_place(inside):  # 长城物业有限公司（太原） is not the one of Beijing
        return False
    if _LEGAL_BRACKET.match(inside):
        return bool(_REMARK.match(inside)) and "公司" not in head[-2:] and inside != "集团"
    return bool(_LEGAL_END.search(head) or _REMARK.search(inside))


@lru_cache(maxsize=1 << 16)
def read_company_name(text: str) -> CompanyName:
    """Take remarks such as ``（国高企业）`` and numbering off a company name; keep its legal parts.

    （北京）有限公司, （集团） and （有限合伙） belong to the name. Line breaks and blanks between Chinese characters
    go, and brackets become full-width ones where the name is Chinese. The mark （虚构） stays in the name: a firm that
    does not exist must be told from a real one wherever it is printed.
    """
    read = _without_remarks(text)
    if any(_FICTIONAL in note for note in read.notes):
        return CompanyName(f"{read.name}（{_FICTIONAL}）", read.notes)
    return read


def _without_remarks(text: str) -> CompanyName:
    name = one_line(text)
    if not name.isascii():
        name = _BLANK_IN_CHINESE.sub("", name.translate(_BRACKETS))
        name = _BLANK_IN_CHINESE.sub("", name)
    name = _NUMBERING.sub("", name).strip(" ，,；;。、*")
    if len(name) > 2 and name[0] in _QUOTES and name[-1] in _QUOTES:
        name = name[1:-1].strip()
    notes: list[str] = []
    while (split := _trailing_bracket(name)) is not None:
        head, inside = split
        if not _is_remark(head, inside):
            break
        if inside:
            notes.append(inside)
        name = head.rstrip(" ，,；;。、*")
    if (tail := _TAIL.match(name)) and _BRANCH.search(tail["note"]):
        name = tail["name"] + tail["note"].strip()
    elif tail:
        name = tail["name"]
        notes.append(tail["note"].strip())
    return CompanyName(name, tuple(reversed(notes)))


_LEGAL_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|责任有限公司|有限公司|股份公司|集团公司|总公司|公司|集团|控股|股份|有限合伙|普通合伙|特殊普通合伙|合伙企业)$"
)
_NOT_KEY = re.compile(r"[\s（）()·•．.,，、\-—_'’\"“”]+")


@lru_cache(maxsize=1 << 16)
def company_key(name: str) -> str:
    """The key under which spellings of one firm meet: brackets, blanks, case and legal form out, region kept.

    A branch (…有限公司太原分公司) keeps its own key.
    """
    key = _NOT_KEY.sub("", _without_remarks(name).name).casefold()
    branch = key.endswith("分公司")
    while not branch and (match := _LEGAL_FORM.search(key)) and match.start() >= 2:
        key = key[: match.start()]
    return key


@lru_cache(maxsize=1 << 16)
def company_form(name: str) -> str:
    """The legal form a name carries behind its key, in one spelling: 集团有限公司, 股份有限公司, 集团; may be empty."""
    full = _NOT_KEY.sub("", _without_remarks(name).name).casefold()
    form = full.removeprefix(company_key(name))
    form = form.replace("有限责任公司", "有限公司").replace("责任有限公司", "有限公司")
    form = form.replace("股份公司", "股份有限公司")
    return form if is_full_form(form) else form.removesuffix("总公司").removesuffix("公司")


def is_full_form(form: str) -> bool:
    """Whether a form of :func:`company_form` is one firms are registered with, not shortened."""
    return "有限" in form or "合伙" in form
