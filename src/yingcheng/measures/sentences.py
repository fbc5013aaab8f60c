"""The common sentences of policy clauses → conditions.

Only sentences that are understood to the last word become comparisons; the rest of a text is left to a person, so
that reading more can only turn a person's question into an answer, never a wrong answer. Words that soften (优先,
原则上, 鼓励 …), exceptions (除外) and alternatives that are not a plain list of qualifications leave the whole text
to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from yingcheng.measures.conditions import All, Any, Belongs, Compare, Condition, Has, Human, Not
from yingcheng.measures.expressions import Ratio, read_expression
from yingcheng.measures.facts import fact_kinds, find_fact, find_operator, read_quantity
from yingcheng.measures.wording import age, belongs, has, human, is_place, within
from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.regions import Region
from yingcheng.standards.text import split_values

__all__ = ["read_sentence"]

_SOFT = re.compile(
    r"优先|原则上|鼓励|除外|以外的|不适用|视情况|酌情|可以|可按|等[）)]|等(?:企业|资质|认定|称号|行业|领域|$)|"
    r"任一|任意|其中|其一|至少|累计|平均|年均|增长|增幅|同比|近[两二三四五\d]年|三年内|两年内|连续"
)
_CUT = re.compile(r"[；;。，,\n]+|并且|而且|且|同时")
_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]|[①-⑳])\s*")
_SUBJECT = re.compile(
    r"^(?:申报|申请|参评|扶持|入驻|相关|该)?(?:企业|单位|主体|机构|公司)?(?:应当|必须|均应|应|须|需|要)?(?:在|于)?(?=\S)"
)
_NUMERAL = r"\d[\d.,]*|[一二两三四五六七八九十百]+"


def read_sentence(text: str, *, as_of: date, home: Region | None = None) -> Condition:
    """What a clause text asks for; a person's question for what is not understood."""
    if not text or _SOFT.search(text):
        return human(text)
    pieces = [_NUMBERING.sub("", piece.strip()) for piece in _CUT.split(text) if piece.strip()]
    readers = (
        lambda piece: _qualification(piece, bare=len(pieces) == 1),
        lambda piece: _age(piece, as_of),
        _credit,
        _legal_person,
        _number,
        lambda piece: _share(piece, as_of),
        lambda piece: _place(piece, home),
        _industry,
    )
    parts = tuple(_first(readers, piece) for piece in pieces)
    read = tuple(part for part in parts if part is not None)
    left = [piece for piece, part in zip(pieces, parts, strict=True) if part is None]
    if not read or ("或" in text and len(pieces) > 1):
        return human(text)
    whole = (*read, human("；".join(left))) if left else read
    return whole[0] if len(whole) == 1 else All(whole)


def _first(readers: Sequence[Callable[[str], Condition | None]], piece: str) -> Condition | None:
    plain = _SUBJECT.sub("", piece)
    for reader in readers:
        for wording in dict.fromkeys((piece, plain)):
            found = reader(wording)
            if found is not None:
                return found
    return None


def _qualification(piece: str, *, bare: bool) -> Condition | None:
    """``具有高新技术企业资质``, ``认定为A或B``; without a verb only where it is the whole text."""
    verb = _VERB.match(piece)
    if verb is None and not bare:
        return None
    name = piece[verb.end() :] if verb else piece
    words = [_TAIL.sub("", word) for word in re.split(r"或者|或|、", name) if word]
    leaves = [leaf for word in words if isinstance(leaf := has(word), Has) and leaf.known]
    if not leaves or len(leaves) != len(words):
        return None
    if len(leaves) == 1:
        return leaves[0]
    # A、B without 或 may mean both or either: a person decides
    return Any(tuple(leaves)) if "或" in name else None


_VERB = re.compile(
    r"^(?:具有|具备|拥有|持有|取得|获得|获评|获|通过|经认定的|经认定为|已?被?认定为|属于|入选|为|是)(?:有效的|有效)?"
)
_TAIL = re.compile(r"的(?:企业|单位)?$")


_AGE = re.compile(
    rf"^(?:成立|注册|登记|设立|经营)(?:时间|年限|登记)?(?P<op>已?满|达到?|不少于|不低于|不满|未满|不足|超过|不超过)?"
    rf"(?P<years>{_NUMERAL})(?:个)?(?:周|完整会计)?年(?P<end>(?:及|（含）|\(含\))?以[上内下])?(?:的(?:企业|单位)?)?$"
)


def _age(piece: str, as_of: date) -> Condition | None:
    """``成立满三年``, ``成立5年以内``."""
    found = _AGE.match(piece)
    if found is None or (found["op"] and found["end"]):
        return None
    operator = _operator(found["op"], found["end"])
    years = _whole(found["years"])
    return age("注册日期", operator, years, as_of) if operator and years is not None else None


def _whole(text: str) -> int | None:
    if text.isdigit() and text.isascii():
        return int(text)
    return chinese_number(text)


def _operator(before: str | None, after: str | None) -> str:
    if before:
        return find_operator(before.removeprefix("已") if before != "达" else "达到")
    return find_operator(after[-2:]) if after else ""


_WITHOUT = re.compile(
    r"^(?:无|没有|不存在|未曾?|没有被|未被|不得被?)(?:被)?(?:列入|纳入|有)?(?P<what>.+?)(?:的(?:企业|单位)?)?$"
)
_MARKS = (
    ("经营异常", re.compile(r"^(?:企业)?(?:经营异常|异常经营)(?:名录|名单|记录|情况|状态|情形|行为)?$")),
    (
        "严重失信",
        re.compile(
            r"^(?:(?:严重)?(?:违法)?失信(?:被执行人|企业|行为|记录|主体|联合惩戒|联合惩戒对象)?|黑)(?:名单|名录|记录|情况|情形)?$"
        ),
    ),
)


def _credit(piece: str) -> Condition | None:
    """``无经营异常``, ``未被列入经营异常名录或严重违法失信企业名单``: none of the listed marks."""
    found = _WITHOUT.match(piece)
    if found is None:
        return None
    marks: list[str] = []
    for word in re.split(r"、|或者|或|和|及|以及|与", found["what"]):
        mark = next((fact for fact, pattern in _MARKS if pattern.match(word)), None)
        if mark is None:
            return None
        marks.append(mark)
    parts = tuple(Compare(mark, "==", False) for mark in dict.fromkeys(marks))
    return parts[0] if len(parts) == 1 else All(parts)


_LEGAL_PERSON = re.compile(r"^(?:具有|具备|为|是)?(?:独立法人资格|独立法人)(?:的?(?:企业|单位))?$")


def _legal_person(piece: str) -> Condition | None:
    return Compare("独立法人", "==", True) if _LEGAL_PERSON.match(piece) else None


@cache
def _number_pattern() -> re.Pattern[str]:
    kinds = [kind for kind in fact_kinds().values() if kind.type == "number" and kind.name != "固定资产投资"]
    names = sorted(
        {name for kind in kinds for name in (kind.name, *kind.synonyms) if "(" not in name}, key=lambda n: (-len(n), n)
    )
    return re.compile(
        rf"^(?:上一?年度|上年|最近一年|近一年|年)?(?P<name>{'|'.join(map(re.escape, names))})(?:应|须)?(?:为|在)?"
        r"(?P<op>不少于|不低于|不小于|大于等于|大于|超过|达到?|不超过|不高于|不多于|低于|少于|不足|小于|≥|>=|≤|<=|>|<)?"
        rf"(?:人民币)?(?P<value>(?:{_NUMERAL})\s*[^\d以及（(]*?)(?P<end>(?:及|[（(]含[)）])?以[上下内])?(?:[（(]含[)）])?(?:的(?:企业|单位)?)?$"
    )


def _number(piece: str) -> Condition | None:
    """``注册资本不低于500万元``, ``员工50人以上``."""
    found = _number_pattern().match(piece)
    if found is None or (found["op"] and found["end"]):
        return None
    operator = _operator(found["op"], found["end"])
    kind, _unit = find_fact(found["name"])
    if kind is None or not operator:
        return None
    quantity = read_quantity(found["value"], kind)
    return Compare(kind.name, operator, quantity.value) if quantity.value is not None else None


_SHARE = re.compile(
    r"^(?:上一?年度|上年|最近一年|近一年)?(?P<fact>\D+?占\D+?(?:的)?(?:比例|比重))(?:应|须)?(?:为|在)?"
    r"(?P<op>不少于|不低于|不小于|大于等于|大于|超过|达到?|不超过|不高于|低于|少于|不足|小于|≥|>=|≤|<=|>|<)?"
    r"(?P<value>\d[\d.]*)%(?P<end>(?:及|[（(]含[)）])?以[上内下])?(?:的(?:企业|单位)?)?$"
)


def _share(piece: str, as_of: date) -> Condition | None:
    """``上年度研发投入占营业收入的比例不低于3%``."""
    found = _SHARE.match(piece)
    operator = _operator(found["op"], found["end"]) if found and not (found["op"] and found["end"]) else ""
    ratio = read_expression(found["fact"]) if found and operator else None
    if found is None or not isinstance(ratio, Ratio) or ratio.unit != "%":
        return None
    return ratio.condition(operator, Decimal(found["value"]), as_of)


_REGISTERED = re.compile(
    r"^(?:(?:工商|税务)?(?:注册|登记)(?:地址?|登记地)?(?:和|及|与)?(?:税务关系|纳税地)?(?:应|须)?(?:在|为|位于|于)|在)?(?P<where>[^在为位于]{1,20}?)"
    r"(?:行政区域|辖区|市域|区域|境|范围)?(?:内)?(?:依法)?(?P<act>登记注册|注册登记|注册成立|注册设立|注册)?(?:的)?(?P<legal>独立法人)?(?:企业|单位)?$"
)


def _place(piece: str, home: Region | None) -> Condition | None:
    """``注册地在太原市``, ``在我市注册的企业``."""
    found = _REGISTERED.match(piece)
    if found is None or not ("注册" in piece or "登记" in piece):
        return None
    if "税务" in piece or "纳税" in piece:
        return None
    words = split_values(found["where"].replace("或者", "、").replace("或", "、"))
    if not words:
        return None
    leaves: list[Condition] = []
    for word in words:
        if not (is_place(word) or word in ("我市", "本市", "全市", "我省", "本省", "全省")):
            return None
        leaf = within(word, home=home)
        if isinstance(leaf, Human):
            return None
        leaves.append(leaf)
    some: Condition = leaves[0] if len(leaves) == 1 else Any(tuple(leaves))
    return All((some, Compare("独立法人", "==", True))) if found["legal"] else some


_INDUSTRY = re.compile(
    r"^(?P<verb>不属于|属于|属|主营业务(?:为|属于)|所属行业(?:为|属于)|从事)(?P<name>.+?)(?:的)?(?:企业|单位)?$"
)


def _industry(piece: str) -> Condition | None:
    """``属于软件和信息技术服务业``, where GB/T 4754-2017 knows the name."""
    found = _INDUSTRY.match(piece)
    if found is None:
        return None
    leaves = tuple(_industry_leaf(word) for word in re.split(r"或者|或|、", found["name"]))
    if not leaves or not all(leaf.code for leaf in leaves):
        return None
    some: Condition = leaves[0] if len(leaves) == 1 else Any(leaves)
    return Not(some) if found["verb"].startswith("不") else some


def _industry_leaf(word: str) -> Belongs:
    """The industry of that name, or of the name without 行业, 产业, 领域 behind it (房地产业 keeps its 产业)."""
    leaf = belongs(word)
    return leaf if leaf.code else belongs(re.sub(r"(?:行业|产业|领域)$", "", word))
