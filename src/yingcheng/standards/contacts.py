"""Contact cells: who, which telephones, which mail addresses, what they say on publishing; numbers in other texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.text import clean

__all__ = [
    "ContactReading",
    "has_reachable",
    "read_consent",
    "read_contact",
    "without_reachable",
]


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


_SPEAKS_OF_CONSENT = re.compile(r"公开|保密")
_BOX = "□☐○☑√✓✔■☒●"
_TICKED_YES = re.compile(r"[☑√✓✔■●]\s*(?:是|同意|公开|可公开|可以公开)")
_TICKED_NO = re.compile(r"[☑√✓✔■●☒]\s*(?:否|不)")
# One of these anywhere near the word, and it is no clear yes: 不公开 未征得 是否 请勿 非公开 谢绝 待定 须经 ？
_NO_CLEAR_YES = re.compile(r"[不未否勿非拒绝禁无暂待须需经？?]|保密|征得")
_CONSENT_WORDS = re.compile(
    rf"[（(\[【][^（）()\[\]【】\d@]*(?:公开|保密)[^（）()\[\]【】\d@]*[)）\]】]"
    r"|(?:是否|不|未|可|以|予|同意|对外|愿意|请勿|勿|非|谢绝|暂|征得|经|均)*"
    r"(?:公开|保密)(?:[（(][^（）()\d@]*[)）]|[^\s，,、；;\d@（(]*)"
    rf"|[{_BOX}]\s*(?:不?同意|是|否|不?公开)?"
)


def read_consent(text: str) -> tuple[bool | None, str]:
    """What a cell says on publishing, and the cell without those words.

    ``True`` only where it plainly says yes (公开, 可公开, 同意公开, ☑是); a form left blank, a question, a condition or
    any kind of no is ``False``; ``None`` where the cell does not speak of it (个人信息保护法 asks for a clear consent).
    """
    if not _SPEAKS_OF_CONSENT.search(text):
        return None, text
    rest = _CONSENT_WORDS.sub(" ", text)
    if any(box in text for box in _BOX):
        return bool(_TICKED_YES.search(text)) and not _TICKED_NO.search(text), rest
    return not _NO_CLEAR_YES.search(text), rest


# Numbers and addresses in running text. Narrower than a contact cell: seven bare digits may be anything there.
_REACHABLE = re.compile(
    r"(?<![\dA-Za-z.])(?:\+?(?:00)?86[\s\-]*)?1[3-9]\d(?:[\s\-—]?\d{4}){2}(?!\d)"
    r"|(?<![\dA-Za-z.])[（(]?0(?:10|2\d|[3-9]\d{2})[)）]?[\s\-—－]{0,2}\d{7,8}(?!\d)"
    r"|(?<![\dA-Za-z.])[48]00[\-—]\d{3,4}[\-—]\d{3,4}(?!\d)"
    r"|(?:电话|手机|联系方式|座机|热线|致电|传真|tel)\D{0,4}(?P<said>[\d\-—－]{7,13})"
    r"|(?:微信号?|QQ号?|VX|wechat)\s*[:：]?\s*(?P<account>[A-Za-z0-9_\-]{5,20})"
    r"|(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}",
    re.IGNORECASE,
)
_MAY_HOLD = re.compile(r"\d{3}|@|微信|QQ|VX|wechat", re.IGNORECASE)


def has_reachable(text: str) -> bool:
    """Whether running text holds a telephone number, a mail address or an account name of a person."""
    return bool(_MAY_HOLD.search(text)) and bool(_REACHABLE.search(text))


def without_reachable(text: str) -> str:
    """Running text with every telephone number, mail address and account name replaced by ``〔已隐去〕``."""
    return _REACHABLE.sub("〔已隐去〕", text) if _MAY_HOLD.search(text) else text
