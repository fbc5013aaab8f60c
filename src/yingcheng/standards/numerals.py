"""Chinese numerals, everyday and financial (一亿五千万, 伍佰万元整), → Arabic ones."""

from __future__ import annotations

import re

__all__ = ["arabic_numerals", "chinese_number"]

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_RUN = re.compile(
    r"(?<![0-9.第])(?P<whole>(?=[一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾零〇])[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]{1,12})"
    r"(?:点(?P<part>[零〇一二三四五六七八九]{1,6}))?(?=[余多]?[万亿元块美港欧])"
)


def chinese_number(text: str) -> int | None:
    """Value of a numeral below ten thousand such as 三千二百 or 二〇二五; ``None`` where it is none."""
    if not text or any(char not in _DIGITS and char not in _PLACES for char in text):
        return None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit, place_before = 0, -1, 10_000
    for char in text:
        if char in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[char]
            continue
        place = _PLACES[char]
        if place >= place_before or (digit == 0 and place != 10) or (digit < 0 and place != 10):
            return None
        total += (digit if digit > 0 else 1) * place
        digit, place_before = -1, place
    return total + max(digit, 0)


def arabic_numerals(text: str) -> str:
    """Write the Chinese numerals that stand before 万, 亿 or a currency in Arabic digits; leave all others alone."""

    def replace(match: re.Match[str]) -> str:
        whole = chinese_number(match["whole"])
        if whole is None:
            return match.group()
        part = match["part"]
        return str(whole) + ("." + "".join(str(_DIGITS[char]) for char in part) if part else "")

    return _RUN.sub(replace, text)
