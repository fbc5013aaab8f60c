"""Cleaning the text of a cell without changing what it says."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["clean", "one_line", "split_values"]

# Half-width forms for full-width letters, digits and those signs that are not Chinese punctuation. ，；：！？（）【】
# and the like stay as they are: they are right in Chinese text.
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()} | dict(
    zip("＋－．／＝＠％＆＃＊＿｜＜＞＄", "+-./=@%&#*_|<>$", strict=True)
)
# Radicals and compatibility ideographs look like ordinary characters but are others; PDF extraction yields them.
_LOOKALIKE = {
    chr(code): unicodedata.normalize("NFKC", chr(code))
    for block in (range(0x2F00, 0x2FD6), range(0x2E9F, 0x2EA0), range(0x2EF3, 0x2EF4), range(0xF900, 0xFADA))
    for code in block
}
_LINE_BREAKS = dict.fromkeys("\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", "\n")
_BLANKS = dict.fromkeys("\t\x1f\xa0\u1680\u202f\u205f\u3000", " ") | {chr(c): " " for c in range(0x2000, 0x200B)}
_INVISIBLE = dict.fromkeys(
    [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x202A, 0x202F))]
    + [chr(c) for c in (*range(0x2060, 0x2070), 0xAD, 0x61C, 0x180E, 0xFEFF, 0xFFFC, 0xFFFE, 0xFFFF)]
    + [chr(c) for c in range(0xFFF9, 0xFFFC)],
    "",
)
_TABLE = str.maketrans({**_INVISIBLE, **_FULL_WIDTH, **_LOOKALIKE, **_BLANKS, **_LINE_BREAKS, "\n": "\n"})
_ESCAPED_CONTROL = re.compile(r"_x00(?:0[0-9A-Fa-f]|1[0-9A-Fa-f])_")  # as spreadsheets write control characters
_UNPRINTABLE = re.compile("[\ud800-\udfff\ue000-\uf8ff]")  # lone surrogates; private-use bullets of symbol fonts
_BLANK_RUN = re.compile(r" {2,}")
_AROUND_BREAK = re.compile(r" *\n[ \n]*")


@lru_cache(maxsize=1 << 15)
def clean(text: str) -> str:
    """Take out what is invisible or doubled; keep the words, Chinese punctuation and single line breaks.

    Full-width letters and digits become half-width, control and zero-width characters go, runs of blanks become one,
    the ends are trimmed. Cleaning twice gives the same as cleaning once.
    """
    if "_x00" in text:
        text = _ESCAPED_CONTROL.sub("\n", text)
    text = text.replace("\r\n", "\n").translate(_TABLE)
    text = _UNPRINTABLE.sub("", text)
    if "  " in text:
        text = _BLANK_RUN.sub(" ", text)
    if "\n" in text:
        text = _AROUND_BREAK.sub("\n", text)
    return text.strip(" \n")


_BREAK_BETWEEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")


def one_line(text: str) -> str:
    """Clean, and join the lines: without a blank between Chinese characters, with one otherwise."""
    text = clean(text)
    if "\n" not in text:
        return text
    return _BREAK_BETWEEN_CHINESE.sub("", text).replace("\n", " ")


_OPEN = "(（[【《〈“「『{"
_CLOSE = ")）]】》〉”」』}"
_NUMBERING = re.compile(
    r"^\s*(?:[①-⑳⑴-⒇⒈-⒛❶-❿㈠-㈩]\s*[、.．:：]?"
    r"|[(（](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]\s*[、.．]?"
    r"|\d{1,2}(?:[.．)）](?!\d)|、(?=\D))"
    r"|[一二三四五六七八九十]{1,2}、(?=\S{3})"
    r"|[●○■□◆◇•·▪★☆√\-—]\s*)\s*"
)
_INLINE_NUMBER = re.compile(r"(?<=\S)\s*(?=[①-⑳⑴-⒇❶-❿㈠-㈩])")
_AND_SO_ON = re.compile(r"(?<=\S{2})(?<![平均同高中初相对优上下何])等{1,3}$")


def _is_separator(text: str, index: int) -> bool:
    char = text[index]
    if char in "、；;，\n|":
        return True
    if char not in ",/":
        return False
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    return not (before.isdigit() and after.isdigit())  # 1,200 and 2025/6 are one value


def _without_numbering(text: str) -> str:
    previous = None
    while previous != text:
        previous, text = text, _NUMBERING.sub("", text, count=1)
    return text


def _pieces(line: str) -> list[str]:
    pieces, depth, begin = [], 0, 0
    closers = sum(char in _CLOSE for char in line)
    for index, char in enumerate(line):
        if char in _OPEN and closers:
            depth += 1
        elif char in _CLOSE:
            closers -= 1
            depth = max(0, depth - 1)
        elif (not depth or not closers) and _is_separator(line, index):
            pieces.append(line[begin:index])
            begin = index + 1
    pieces.append(line[begin:])
    return pieces


def split_values(text: str) -> tuple[str, ...]:
    """The values of a multi-valued cell, in order, each once.

    Separators are ``、；;，,/|`` and line breaks outside brackets; leading numbers (①, 1., （一）), bullets and a
    trailing 等 are taken off. ``②人工智能、智能终端`` gives 人工智能 and 智能终端.
    """
    values: dict[str, None] = {}
    for line in _INLINE_NUMBER.sub("\n", clean(text)).split("\n"):
        for piece in _pieces(_without_numbering(line)):
            value = _AND_SO_ON.sub("", _without_numbering(piece).strip(" 。.:：")).strip()
            if value:
                values[value] = None
    return tuple(values)
