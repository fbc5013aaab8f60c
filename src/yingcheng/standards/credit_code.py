"""统一社会信用代码 (GB 32100-2015). A wrong code is worth a warning, never a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum.cn import uscc

from yingcheng.standards.text import one_line

__all__ = ["CreditCode", "read_credit_code"]


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code as read. ``valid`` is the check of GB 32100; ``note`` says what was corrected or what is wrong."""

    code: str
    valid: bool
    note: str


_ABSENT = frozenset(
    {"", "无", "暂无", "没有", "N/A", "NA", "NULL", "NONE", "-", "--", "/", "—", "——", "待补", "待定", "空"}
)
_LABEL = re.compile(r"^(?:统一)?(?:社会)?信用代码(?:证)?(?:号)?[:：]?")
_CODE_SHAPED = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])")
_SIGNS = re.compile(r"[\s\-—_'’`.,，:：]+")
_CONFUSED = str.maketrans("OISZ", "0152")  # GB 32100 leaves I, O, S, V, Z out because they look like digits
_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")


def _passes(code: str) -> bool:
    """Check digit by python-stdnum; the first two places may be letters (A, N, Y …), which stdnum does not accept."""
    if len(code) != 18 or not code[2:8].isdigit() or not set(code) <= _ALPHABET:
        return False
    return bool(uscc.calc_check_digit(code[:17]) == code[17])


@lru_cache(maxsize=1 << 15)
def read_credit_code(text: str) -> CreditCode:
    """Read a 统一社会信用代码; empty for 无, N/A and the like.

    Full-width and lower-case characters, blanks and hyphens are mended silently; letters the standard does not use
    (O, I …) are read as the digits they look like where the check digit then fits, with a note.
    """
    raw = one_line(text).upper()
    if raw in _ABSENT:
        return CreditCode("", False, "")
    code = _SIGNS.sub("", _LABEL.sub("", raw))
    if len(code) != 18 and (inside := _CODE_SHAPED.search(raw)):
        code = inside.group()
    if _passes(code):
        return CreditCode(code, True, "")
    mended = code.translate(_CONFUSED)
    if mended != code and _passes(mended):
        return CreditCode(mended, True, f"原文“{code}”含标准不用的字母，已按形近的数字识读")
    return CreditCode(code, False, _fault(code))


def _fault(code: str) -> str:
    if len(code) == 15 and code.isdigit():
        return "这是15位的旧注册号，不是18位统一社会信用代码"
    if len(code) == 9:
        return "这是9位的组织机构代码，不是18位统一社会信用代码"
    if len(code) != 18:
        return f"应为18位，实为{len(code)}位"
    foreign = sorted(set(code) - _ALPHABET)
    if foreign:
        return f"含有标准不用的字符：{'、'.join(foreign)}"
    if not code[2:8].isdigit():
        return "第3至8位应为登记机关行政区划码（数字）"
    return "校验位不符，请核对"
