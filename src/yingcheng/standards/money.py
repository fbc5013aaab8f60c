"""Money text as people write it → amounts with unit, range and currency."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.numerals import arabic_numerals
from yingcheng.standards.text import one_line

__all__ = ["Money", "format_money", "parse_money"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount or a range. ``low`` and ``high`` are in whole units of ``currency`` (yuan for CNY).

    An exact amount has ``low == high``; ``不少于`` leaves ``high`` open, ``不超过`` leaves ``low`` open. Text without
    any number (面议, N/A) has both ``None``. ``certain`` is false where the unit had to be guessed or only a part of
    the text was understood; ``note`` says why. ``text`` is always the original.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str
    text: str
    approximate: bool = False
    certain: bool = True
    note: str = ""

    @property
    def middle(self) -> Decimal | None:
        """Middle of the range, or the known end; ``None`` where no number is known."""
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        return self.low if self.low is not None else self.high


_LONGEST = 300  # characters
_EXACT = Context(prec=120)  # wide enough for every number the pattern below lets through

_WORDS = read_toml("money.toml")
_SCALES: dict[str, int] = _WORDS["scales"]
_CURRENCIES: dict[str, str] = {word: code for code, words in _WORDS["currencies"].items() for word in words}
_SYMBOLS: dict[str, str] = {code: words[0] for code, words in _WORDS["currencies"].items()}
_NONE_KNOWN: dict[str, str] = {word: note for note, words in _WORDS["unknown"].items() for word in words}


def _alternatives(words: dict[str, int] | dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


_SCALE = rf"(?:{_alternatives(_SCALES)})"
_CURRENCY = rf"(?:{_alternatives(_CURRENCIES)})"
_NUMBER = r"\d{1,24}(?:\.\d{1,12})?(?:e[+\-]?\d{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\d.a-z])(?P<before>{_CURRENCY})?\s*(?P<number>{_NUMBER})\s*(?P<more>多|余|来|\+)?\s*"
    rf"[(\[]?\s*(?:(?P<front>{_CURRENCY})?\s*(?P<scale>{_SCALE})(?![a-z])\s*(?P<odd>多|余)?)?\s*[(\[]?(?P<after>{_CURRENCY})?(?P<level>级)?\s*(?:整|正)?[)\]]?"
    rf"\s*(?P<per>(?:/|每|一)\s*(?:年|月|日|天|季度?|亩|平方米|平米|㎡|m2|吨|人|户|个|家|次|台|套|项|公里|千米|度|kwh|小时|床|车位))?"
)
_JOIN = re.compile(r"\s*(?:-{1,2}|–|—{1,2}|~|～|至|到)\s*")
_NOT_MONEY = re.compile(
    r"\s*(?:%|％|‰|个百分点|平|立方|人|户|亩|公顷|吨|个|台|辆|家|套|件|度|千瓦|兆瓦|瓦|公里|千米|米|次|株|头|只|册|条|所|座|间|栋|层|床|标|"
    r"年|月|日|天|期|年|项|批|kw|mw|gw|㎡|m2|m²|km|m(?![a-z])|t(?![a-z])|mu)"
)
_HINT = re.compile(rf"(?P<scale>{_SCALE})?\s*(?P<currency>{_CURRENCY})")
_HINT_SCALE = re.compile(rf"^[(（]?(?P<scale>{_SCALE})[)）]?$|[(（](?P<scale2>{_SCALE})[)）]")
_AT_MOST = re.compile(
    r"不超过|不高于|不多于|不大于|最高|最多|至多|上限|封顶|(?<!不)(?<!不得)(?:低于|少于|小于)|未超过|不得超过|不得高于|≤|<=|<|＜|不超"
)
_AT_MOST_AFTER = re.compile(r"^\s*(?:\(?含\)?)?\s*(?:以内|以下|之内|内|封顶|为上限|上限)")
_AT_LEAST = re.compile(
    r"不低于|不少于|不小于|不得低于|不得少于|至少|最低|最少|起步|下限|高于|多于|大于|超过|突破|≥|>=|>|＞|逾|超|上(?=千|百|亿|万)"
)
_AT_LEAST_AFTER = re.compile(r"^\s*(?:\(?含\)?)?\s*(?:以上|起|及以上|之上|为下限)")
_ABOUT = re.compile(r"约|大概|大约|预计|估算|估计|暂估|左右|上下|近(?=\d)|预估")
_ABOUT_AFTER = re.compile(r"^\s*(?:左右|上下|以?内外)")
_VAGUE = re.compile(rf"(?P<how>数|几|上|近|超|过|逾)?(?P<scale>{_SCALE})(?P<after>{_CURRENCY})?(?P<level>级)?")
_TOTAL = re.compile(r"总投资|投资总额|总额|合计|总计|共计|总金额|总价|预算")
_DATE = re.compile(r"(?:19|20)\d\d(?:[\-–—~至](?:19|20)?\d\d)?年(?:\d{1,2}月)?(?:\d{1,2}日)?")
_UNIT_FIRST = re.compile(rf"^\D{{0,12}}?[(\[](?P<unit>{_SCALE}?{_CURRENCY}|{_SCALE})[)\]]\s*[:：]?\s*(?=\d)")
_NEGATIVE = re.compile(r"^(?:-|−|负|▲|△)\s*(?=\d)")
_LABELS = re.compile(
    r"总投资|投资总额|投资额|投资|注册资[本金]|资金|金额|总额|合计|总计|共计|预算|营业收入|营收|人民币|价格|不含税|含税|大写|小写|整|为|共|计|额|"
    r"不超过|不高于|不多于|最高|最多|至多|不低于|不少于|至少|最低|以上|以内|以下|左右|上下|超过|大约|大概|预计|估算|暂估|约|起|逾|近|超|[≤≥<>=:：\s()（）\[\]。.,，;；]"
)
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_SPACED_DIGITS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_ONE_SPELLING = str.maketrans("萬億圓圆（）【】［］", "万亿元元()[][]")


@dataclass(frozen=True, slots=True)
class _Amount:
    """One number of a text. ``scale`` is the power of ten of its own unit, ``None`` where it has none."""

    number: Decimal
    scale: int | None
    currency: str
    start: int
    end: int
    more: bool
    per: str

    @property
    def named(self) -> bool:
        """Whether a unit of money stands beside the number."""
        return self.scale is not None or bool(self.currency)


@dataclass(frozen=True, slots=True)
class _Span:
    """A range or a single amount with the bounds that stand around it."""

    low: Decimal | None
    high: Decimal | None
    currency: str
    start: int
    end: int
    named: bool
    approximate: bool
    per: str


def _hint(unit_hint: str) -> tuple[int | None, str]:
    """Power of ten and currency of a header such as 万元, 总投资(亿元) or 注册资本（万美元）."""
    hint = one_line(unit_hint).lower().translate(_ONE_SPELLING)
    if not hint:
        return None, ""
    if matches := tuple(_HINT.finditer(hint)):
        return _SCALES.get(matches[-1]["scale"] or "", 0), _CURRENCIES[matches[-1]["currency"]]
    if match := _HINT_SCALE.search(hint):
        return _SCALES[match["scale"] or match["scale2"]], "CNY"
    return None, ""


def _amounts(text: str) -> list[_Amount]:
    found: list[_Amount] = []
    for match in _AMOUNT.finditer(text):
        currency = match["after"] or match["front"] or match["before"] or ""
        scale = _SCALES[match["scale"]] if match["scale"] else None
        if not currency and _NOT_MONEY.match(text, match.end()):
            continue
        amount = _Amount(
            number=Decimal(match["number"]),
            scale=scale,
            currency=_CURRENCIES[currency] if currency else "",
            start=match.start(),
            end=match.end(),
            more=bool(match["more"] or match["odd"] or match["level"]),
            per=match["per"] or "",
        )
        previous = found[-1] if found else None
        if previous and amount.scale is not None and _continues(previous, amount):
            found[-1] = _joined(previous, amount)
        else:
            found.append(amount)
    return found


def _continues(previous: _Amount, amount: _Amount) -> bool:
    """Whether ``amount`` goes on a number, as 2000万 does in 1亿2000万."""
    return (
        previous.end == amount.start
        and not previous.currency
        and previous.scale is not None
        and amount.scale is not None
        and previous.scale > amount.scale
    )


def _joined(previous: _Amount, amount: _Amount) -> _Amount:
    scale, smaller = previous.scale or 0, amount.scale or 0
    number = _EXACT.add(previous.number, amount.number.scaleb(smaller - scale, _EXACT))
    return replace(amount, number=number, scale=scale, start=previous.start, more=previous.more or amount.more)


def _spans(text: str, scale: int, currency: str) -> list[_Span]:
    amounts = _amounts(text)
    spans: list[_Span] = []
    index = 0
    while index < len(amounts):
        first = last = amounts[index]
        if index + 1 < len(amounts) and _JOIN.fullmatch(text, first.end, amounts[index + 1].start):
            last = amounts[index + 1]
            index += 1
        index += 1
        spans.append(_span(text, first, last, scale, currency, spans[-1].end if spans else 0))
    return spans


def _span(text: str, first: _Amount, last: _Amount, scale: int, currency: str, since: int) -> _Span:
    unit = first.currency or last.currency or currency
    low_scale, high_scale = first.scale, last.scale
    if first is not last:  # 3000-5000万元: the unit stands once for both
        low_scale = high_scale if low_scale is None and not first.currency else low_scale
        high_scale = low_scale if high_scale is None and not last.currency else high_scale
    fallback = 0 if first.currency or last.currency else scale
    low: Decimal | None = first.number.scaleb(fallback if low_scale is None else low_scale, _EXACT)
    high: Decimal | None = last.number.scaleb(fallback if high_scale is None else high_scale, _EXACT)
    before, after = text[since : first.start][-12:], text[last.end : last.end + 8]
    before = re.split(r"[,，;；。、]", before)[-1]
    if first is last:
        if _AT_MOST.search(before) or _AT_MOST_AFTER.match(after):
            low = None
        elif _AT_LEAST.search(before) or _AT_LEAST_AFTER.match(after):
            high = None
    elif low is not None and high is not None and low > high:
        low, high = high, low
    about = first.more or last.more or bool(_ABOUT.search(before) or _ABOUT_AFTER.match(after))
    per = last.per or first.per
    return _Span(low, high, unit, first.start, last.end, first.named or last.named, about, per)


def _normal(text: str) -> str:
    text = one_line(text).lower().translate(_ONE_SPELLING)
    return arabic_numerals(_SPACED_DIGITS.sub("", _THOUSANDS.sub("", text)))


@lru_cache(maxsize=1 << 15)
def parse_money(text: str, *, unit_hint: str = "") -> Money:
    """Read an amount, a range or a bound; never raises.

    Args:
        text: the cell as written.
        unit_hint: unit or header of the column, e.g. ``万元`` or ``总投资(亿元)``; used where the cell has no unit.

    Returns:
        The amount in whole units of its currency. 面议, N/A and the like give both ends ``None`` and stay certain;
        text in which no amount was found gives both ends ``None`` and is not certain.
    """
    if len(text) > _LONGEST:  # a description, not an amount: what its beginning says is a guess
        beginning = parse_money(text[:_LONGEST], unit_hint=unit_hint)
        return replace(beginning, text=text, certain=False, note=_notes(beginning.note, "文字过长，只读了开头"))
    normal = _normal(text)
    scale, currency = _hint(unit_hint)
    known = _NONE_KNOWN.get(normal.strip(" 。."))
    if known is not None:
        return Money(None, None, currency or "CNY", text, note=known)
    negative = _NEGATIVE.match(normal)
    if negative:
        normal = normal[negative.end() :]
    if stated := _UNIT_FIRST.match(normal):  # 投资额(万元)：300
        (scale, currency), normal = _hint(stated["unit"]), normal[stated.end() :]
    spans = _spans(normal, scale or 0, currency)
    named = [span for span in spans if span.named]
    if not named:
        named = [span for span in spans if _is_whole(normal, span)]
        if not named:
            return _vague(normal, currency, text)
    reading = _choose(normal, named, text)
    if not named[0].named and scale is None:
        reading = replace(reading, certain=False, note=_notes(reading.note, "没有单位，按元计"))
    if negative:
        low, high = (None if end is None else -end for end in (reading.high, reading.low))
        reading = replace(reading, low=low, high=high)
    return reading


def _is_whole(text: str, span: _Span) -> bool:
    """Whether nothing but bounds and labels stands around a number without a unit."""
    return not _LABELS.sub("", text[: span.start] + text[span.end :])


def _notes(*parts: str) -> str:
    return "；".join(part for part in parts if part)


def _choose(text: str, spans: list[_Span], original: str) -> Money:
    span, notes = spans[0], []
    if len(spans) == 2 and _opposite(*spans):
        span = replace(
            span,
            low=spans[0].low if spans[0].low is not None else spans[1].low,
            high=spans[0].high if spans[0].high is not None else spans[1].high,
            end=spans[1].end,
        )
    elif len(spans) > 1:
        span = next((s for s in spans if _TOTAL.search(text[max(0, s.start - 8) : s.start])), span)
        others = [text[s.start : s.end].strip(" ()[]") for s in spans if s is not span]
        notes.append(f"另有金额：{'、'.join(others)}")
    if span.per:
        notes.append(f"金额为{span.per.replace('/', '每').replace(' ', '')}")
    if re.match(r"[a-z]", text[span.end :]):
        notes.append("单位不明")
    left = _DATE.sub("", text[: span.start] + text[span.end :])
    if len(spans) == 1 and re.search(r"\d", left):
        notes.append("文字中还有其他数字")
    certain = not notes and len(_LABELS.sub("", left)) <= 16
    low, high = (None if end is None else Decimal(f"{end:f}") for end in (span.low, span.high))  # 1260000, not 1.26E+6
    return Money(low, high, span.currency or "CNY", original, span.approximate, certain, _notes(*notes))


def _opposite(first: _Span, second: _Span) -> bool:
    """Whether one is a lower and the other an upper bound of the same amount (100万元以上500万元以下)."""
    if first.currency != second.currency:
        return False
    lower = next((s.low for s in (first, second) if s.high is None), None)
    upper = next((s.high for s in (first, second) if s.low is None), None)
    return lower is not None and upper is not None and lower <= upper


def _vague(text: str, currency: str, original: str) -> Money:
    """数百万元, 上亿元, 千万级: an order of magnitude."""
    match = _VAGUE.search(text)
    if not match or any(char.isdigit() for char in text):
        return Money(None, None, currency or "CNY", original, certain=False, note="没有读出金额")
    unit = _CURRENCIES[match["after"]] if match["after"] else currency or "CNY"
    low = Decimal(10 ** _SCALES[match["scale"]])
    open_ended = match["how"] in {"上", "超", "过", "逾"}
    high = None if open_ended else low * 10 if match["how"] in {"数", "几"} or match["level"] else low
    return Money(low, high, unit, original, approximate=True, certain=False, note="只写了数量级")


def _format_amount(value: Decimal, currency: str) -> str:
    scale, word = next(((s, w) for s, w in ((8, "亿"), (4, "万")) if abs(value) >= 10**s), (0, ""))
    digits = f"{value.scaleb(-scale, _EXACT):f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits}{word}{_SYMBOLS[currency]}"


def format_money(money: Money) -> str:
    """Official wording, exact: 3.5亿元, 约3000万元至5000万元, 不超过500万美元.

    Reading the result again gives the same amounts. Where no number is known, the reason (面议) or the original text.
    """
    about = "约" if money.approximate else ""
    low, high = (None if end is None else _format_amount(end, money.currency) for end in (money.low, money.high))
    if low is None and high is None:
        return money.note or money.text
    if low is None:
        return f"不超过{about}{high}"
    if high is None:
        return f"不低于{about}{low}"
    return f"{about}{low}" if low == high else f"{about}{low}至{high}"
