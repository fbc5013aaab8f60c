"""Names in clauses → leaves: a place, an industry, a qualification, an age, a question for a person."""

from __future__ import annotations

import re
from datetime import date

from yingcheng.measures.conditions import Age, Belongs, Condition, Has, Human, Not, Within
from yingcheng.standards.industries import find_industry
from yingcheng.standards.qualifications import read_qualifications
from yingcheng.standards.regions import Region, find_region, region_by_code

__all__ = ["age", "belongs", "has", "home_region", "human", "is_place", "within"]

HOME_CITY = frozenset(("我市", "本市", "全市", "市"))
HOME_PROVINCE = frozenset(("我省", "本省", "全省", "省"))


def human(text: str) -> Human:
    """The leaf that only a person can decide."""
    return Human("人工认定：" + (text if len(text) <= 40 else text[:39] + "…"))


_TRIMMINGS = re.compile(
    r"[\s\"“”'‘’「」()（）]|国家级?|省级|市级|企业|资质|称号|认定|认证|证书|资格|"
    r"有效期内|及?以上|含|的"
)


def has(word: str, *, fact: str = "资质") -> Has | Human:
    """The leaf for a qualification.

    One that is not in the vocabulary can be found in the same words, never denied. Where the words say more than
    a name and its usual trimmings (高新技术企业协会会员), a person decides, so that no condition gets lost.
    """
    names = read_qualifications(word)
    if not names:
        return Has(fact, word, known=False)
    more = len(_TRIMMINGS.sub("", word)) - len(_TRIMMINGS.sub("", names[0]))
    return Has(fact, names[0]) if len(names) == 1 and more <= 0 else human(f"{fact} {word}")


def age(base: str, operator: str, years: int, as_of: date) -> Condition:
    """Full years since the day in the fact ``base``."""
    if operator == "!=":
        return Not(Age(base, "==", years, as_of))
    return Age(base, operator, years, as_of)


def home_region(unit: str) -> Region | None:
    """What 我市 means in a measure of ``unit`` (太原市科学技术局 → 太原市), where the name says so."""
    reading = find_region(unit)
    region = reading.region
    return region if region and (reading.certain or unit.startswith((region.path, region.name))) else None


def is_place(word: str) -> bool:
    """Whether a word is the name of a region of GB/T 2260, and nothing more."""
    reading = find_region(word)
    region = reading.region
    return region is not None and reading.certain and (region.path.endswith(word) or region.name.startswith(word))


def within(word: str, *, fact: str = "注册地", home: Region | None = None) -> Condition:
    """The leaf for a place; 我市 and 我省 need ``home``, and are a person's question without it."""
    if word in HOME_CITY | HOME_PROVINCE:
        return _at_home(word, fact, home)
    reading = find_region(word, within=home.path if home else "")
    if reading.region is None or not reading.certain:
        return Within(fact, word)
    return Within(fact, word, reading.region.path)


def _at_home(word: str, fact: str, home: Region | None) -> Condition:
    if home is None or (word in HOME_CITY and home.level == "province"):
        return human(f"{fact} {word}")
    wanted = region_by_code(home.code[:2] + "0000" if word in HOME_PROVINCE else home.code[:4] + "00") or home
    return Within(fact, wanted.name, wanted.path)


def belongs(word: str, *, fact: str = "行业") -> Belongs:
    """The leaf for an industry; without a code where GB/T 4754-2017 does not know the name (战略性新兴产业 …)."""
    reading = find_industry(word)
    if reading.industry is None or not reading.certain:
        return Belongs(fact, word)
    return Belongs(fact, word, reading.industry.code, reading.industry.section)
