"""Contact cells: who, which telephones, which mail addresses, and their masks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.text import clean

__all__ = ["ContactReading", "mask_email", "mask_person", "mask_phone", "read_contact"]


@dataclass(frozen=True, slots=True)
class ContactReading:
    """What a contact cell holds; ``certain`` is false where a part of it was not understood."""

    persons: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    certain: bool
    text: str


_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9][A-Za-z0-9\-]{0,62}(?:\.[A-Za-z0-9\-]{1,63}){1,4}")
_EXTENSION = r"(?:\s*(?:转|分机|ext\.?|-|—|x)\s*(?P<{0}>\d{{1,6}})(?!\d))?"
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:"
    r"(?:\+?\(?(?:00)?86\)?[\s\-]*)?(?P<mobile>1[3-9]\d[\s\-—]?\d{4}[\s\-—]?\d{4})(?!\d)"
    r"|(?P<service>[48]00[\s\-—]?\d{3,4}[\s\-—]?\d{3,4})(?!\d)" + _EXTENSION.format("service_ext") + r"|"
    r"(?:\+?(?:00)?86[\s\-]*)?[(（]?(?P<area>010|0[2-9]\d{1,2}|(?:10|2\d|[3-9]\d{2})(?=[)）\-—_]))[)）]?[\s\-—_]{0,3}(?P<local>[2-9]\d{3}[\s\-]?\d{3,4}|0{7,8})(?!\d)"
    + _EXTENSION.format("area_ext")
    + r"|(?P<bare>[2-9]\d{6,7})(?!\d)"
    + _EXTENSION.format("bare_ext")
    + r"|(?P<hotline>1[12]\d{3}|96\d{3,4})(?!\d)"
    r")"
)
_FLOAT = re.compile(r"(?<![\d.])(\d{7,12})\.0(?!\d)")  # a number cell read back as text
_SEPARATORS = re.compile(r"[\s、，,；;/|。.:：()（）\[\]【】<>《》\-—_+&\"“”'*]+")
_ABSENT = frozenset({"", "无", "暂无", "N/A", "NA", "-", "/", "—", "同上", "略", "待定"})


@cache
def _words() -> tuple[tuple[str, ...], frozenset[str], frozenset[str], tuple[str, ...]]:
    data = read_toml("contacts.toml")
    titles = tuple(sorted(data["titles"], key=lambda word: (-len(word), word)))
    labels = frozenset(word.lower() for word in data["labels"])
    return titles, labels, frozenset(data["surnames"]), tuple(data["compound_surnames"])


@cache
def _label_pattern() -> re.Pattern[str]:
    labels = sorted(_words()[1], key=lambda word: (-len(word), word))
    return re.compile(
        r"(?:" + "|".join(re.escape(label) for label in labels if len(label) > 1) + r")\s*[:：]?", re.IGNORECASE
    )


def _person(token: str) -> tuple[str, str] | None:
    """Name and title of a token such as 张三, 张三处长, 张先生; None where it is neither."""
    titles, _, surnames, compounds = _words()
    if not re.fullmatch(r"[\u3400-\u9fff·]{2,12}", token):
        return None
    name, title = token, ""
    for candidate in titles:
        if token.endswith(candidate) and len(token) > len(candidate):
            name, title = token.removesuffix(candidate), candidate
            break
    compound = name.startswith(compounds)
    if not compound and name[0] not in surnames:
        return None
    bare = len(name) - (2 if compound else 1)
    if title and bare == 0:
        return token, title  # 张处长, 欧阳女士
    longest = 2
    if 1 <= bare <= longest or ("·" in name and bare <= 9):
        return name, title
    return None


def _phones(text: str) -> tuple[tuple[str, ...], str]:
    """Telephone numbers in one spelling, and the text without them."""
    phones: dict[str, None] = {}
    area = ""
    for match in _PHONE.finditer(text):
        digits = {key: re.sub(r"\D", "", value) for key, value in match.groupdict().items() if value}
        if "mobile" in digits:
            phones[digits["mobile"]] = None
        elif "service" in digits:
            number = digits["service"]
            phones[f"{number[:3]}-{number[3:6]}-{number[6:]}" + _suffix(digits, "service_ext")] = None
        elif "local" in digits:
            area = digits["area"] if digits["area"].startswith("0") else "0" + digits["area"]
            phones[f"{area}-{digits['local']}" + _suffix(digits, "area_ext")] = None
        elif "bare" in digits:
            phones[(f"{area}-" if area else "") + digits["bare"] + _suffix(digits, "bare_ext")] = None
        else:
            phones[digits["hotline"]] = None
    return tuple(phones), _PHONE.sub(" ", text)


def _suffix(digits: dict[str, str], key: str) -> str:
    return f"转{digits[key]}" if digits.get(key) else ""


@lru_cache(maxsize=1 << 14)
def read_contact(text: str) -> ContactReading:
    """Read persons, telephones and mail addresses out of a mixed cell.

    Landlines come as ``0351-0000000`` (extension ``转8001``), mobiles as eleven digits; a second number without area
    code takes the area code before it. Anything left over that is neither a label nor a title makes it uncertain.
    """
    rest = clean(text)
    if rest.upper() in _ABSENT:
        return ContactReading((), (), (), True, text)
    rest = _FLOAT.sub(r"\1", rest)
    emails = tuple(dict.fromkeys(match.group() for match in _EMAIL.finditer(rest)))
    phones, rest = _phones(_EMAIL.sub(" ", rest))
    titles, labels, _, _ = _words()
    rest = re.sub(r"(?<=^[\u3400-\u9fff])[ ](?=[\u3400-\u9fff](?:[^\u3400-\u9fff]|$))", "", rest)  # 张 三
    rest = _label_pattern().sub(" ", rest)
    persons: dict[str, None] = {}
    certain = True
    for token in _SEPARATORS.split(rest):
        if not token or token in titles or token.lower() in labels:
            continue
        reading = _person(token)
        if reading is None:
            certain = False
        else:
            persons[reading[0]] = None
    return ContactReading(tuple(persons), phones, emails, certain and bool(persons or phones or emails), text)


def mask_phone(phone: str) -> str:
    """``138****0000``, ``0351-****000``; never more than the area or the first three and the last four digits."""
    digits = re.sub(r"\D", "", phone)
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return f"{digits[:3]}****{digits[-4:]}"
    if landline := re.fullmatch(r"(0\d{2,3})-(\d{4})(\d{3,4})(?:转\d+)?", phone):
        return f"{landline[1]}-****{landline[3]}"
    return "*" * max(4, len(digits) - 3) + digits[-3:] if len(digits) >= 7 else "****"


def mask_email(email: str) -> str:
    """``a***@example.com``."""
    user, at, domain = email.partition("@")
    return f"{user[:1]}***@{domain}" if at and user and domain else "***"


def mask_person(name: str) -> str:
    """``张**``, whatever the length of the name; compound surnames stay whole."""
    name = clean(name)
    if not name:
        return ""
    compound = next((c for c in _words()[3] if name.startswith(c) and len(name) > len(c)), name[0])
    return f"{compound}**"
