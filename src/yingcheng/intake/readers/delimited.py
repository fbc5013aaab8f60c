"""Text files with one record a line: .csv, .tsv, .txt.

Every value stays text: a telephone number or a code with leading zeros must not become a number here.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile, Sheet
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.refusals import no_table, too_many_cells

__all__ = ["DecodedText", "decode", "read"]

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ",\t;|"
SAMPLE_RECORDS = 60
SAMPLE_BYTES = 256 * 1024
COMMON = 0.9  # share of a Chinese text's characters that stand in GB 2312; measured above .99 on real lists
LONGEST_CELL = 32_767  # what a spreadsheet cell holds; a longer one is an unbalanced quotation mark
MOST_LINES = 200  # lines one record may span; a longer one is an unbalanced quotation mark
NAMED = 20


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text and how sure its encoding is. ``lost`` counts bytes that fit no character."""

    text: str
    encoding: str
    certain: bool
    lost: int = 0


def decode(data: bytes, name: str) -> DecodedText | None:
    """The text of a file, or ``None`` where the bytes are no text at all.

    Tried in turn, each with its own proof: a byte order mark; strict UTF-8; UTF-16 by where its zero bytes stand;
    GB18030 by the share of common Chinese characters; then statistics.

    Raises:
        UnreadableFile: unknown-encoding.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            return _if_text(DecodedText(text.lstrip("\ufeff"), encoding, certain=True, lost=text.count("\ufffd")))
    if b"\0" in data[:SAMPLE_BYTES]:
        wide = _wide(data)
        return _if_text(wide) if wide else None
    try:
        return _if_text(DecodedText(data.decode("utf-8"), "utf-8", certain=True))
    except UnicodeDecodeError:
        return _legacy(data, name)


def _wide(data: bytes) -> DecodedText | None:
    """UTF-16 without a mark: delimiters and line ends have their zero byte always on the same side."""
    sample = data[: SAMPLE_BYTES // 2 * 2]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if max(low, high) < 20 * min(low, high) or max(low, high) * 50 < len(sample):
        return None
    encoding = "utf-16-le" if high > low else "utf-16-be"
    text = data.decode(encoding, "replace")
    return DecodedText(text, encoding, certain=False, lost=text.count("\ufffd"))


def _if_text(decoded: DecodedText) -> DecodedText | None:
    """Control characters do not stand in lists; binary files are full of them."""
    sample = decoded.text[:SAMPLE_BYTES]
    odd = sum(count for char, count in Counter(sample).items() if char < " " and char not in "\t\r\n\f\v")
    return None if odd * 100 > len(sample) else decoded


def _legacy(data: bytes, name: str) -> DecodedText | None:
    text = data.decode("gb18030", "replace")
    lost = text.count("\ufffd")
    wide = [char for char in text[:SAMPLE_BYTES] if char > "\x7f"]
    common = sum(len(char.encode("gb2312", "ignore")) for char in wide) / 2
    if lost * 200 <= len(wide) and common >= COMMON * len(wide):
        return _if_text(DecodedText(text, "gb18030", certain=True, lost=lost))
    if _if_text(DecodedText(text, "gb18030", certain=False)) is None:
        return None
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rarely needed, slow to load

    best = from_bytes(data[:SAMPLE_BYTES]).best()
    if best is None or best.percent_chaos > 10:
        raise UnreadableFile(
            _("认不出文字编码，读出来会是乱码"),
            where=name,
            remedy=_("请用 Excel 或 WPS 打开，另存为 .xlsx（或“CSV UTF-8”）后重报。"),
            code="unknown-encoding",
        )
    text = data.decode(best.encoding, "replace")
    return _if_text(DecodedText(text, best.encoding, certain=False, lost=text.count("\ufffd")))


def _delimiter(text: str, name: str) -> tuple[str, str]:
    """(delimiter, text without the line that names it). The one that cuts most records into equally many cells wins."""
    first, _line_end, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return first.strip()[-1], rest
    head = text[:SAMPLE_BYTES]
    named = "\t" if PurePosixPath(name).suffix.lower() in {".tsv", ".tab"} else ","
    best, best_score = named, 0.0
    for delimiter in sorted(DELIMITERS, key=lambda candidate: candidate != named):
        widths = Counter(_widths(head, delimiter))
        width, count = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]), default=(1, 0))
        score = count / max(1, widths.total()) * min(width, 4) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best, text


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(record):
                widths.append(len(record))
            if len(widths) == SAMPLE_RECORDS:
                break
    except csv.Error:
        pass  # a quotation mark that never closes; what was cut before it counts
    return widths


def _records(text: str, delimiter: str, limits: Limits, name: str) -> tuple[list[list[str]], list[int]]:
    """The records, and the numbers of those whose quotation marks do not pair up and were read as plain characters."""
    lines = list(io.StringIO(text, newline=""))
    plain = Counter(line.count(delimiter) + 1 for line in lines if '"' not in line and line.strip())
    usual = max(plain.items(), key=lambda item: (item[1], item[0]), default=(0, 0))[0]
    records: list[list[str]] = []
    cells = at = 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if _swallows(lines[at : reader.line_num], delimiter, usual):
                return _mended(lines, delimiter, usual, limits, name)
            at = reader.line_num
            cells += len(record) or 1
            if cells > limits.cells:
                raise too_many_cells(name, limits)
            records.append(record)
    except csv.Error:
        return _mended(lines, delimiter, usual, limits, name)
    return records, []


def _swallows(lines: Sequence[str], delimiter: str, usual: int) -> bool:
    """Whether a quotation mark runs over whole rows: too many lines, or lines inside it that look like the others."""
    inside = lines[1:-1]
    return len(lines) > MOST_LINES or (
        bool(inside) and usual > 2 and all(line.count(delimiter) + 1 == usual for line in inside)
    )


def _mended(
    lines: Sequence[str], delimiter: str, usual: int, limits: Limits, name: str
) -> tuple[list[list[str]], list[int]]:
    """The same line by line: where a record does not close its quotation marks, its first line is a row of its own."""
    records: list[list[str]] = []
    unpaired: list[int] = []
    cells = at = 0
    while at < len(lines):
        line = lines[at].rstrip("\r\n")
        record, used = line.split(delimiter) if line else [], 1
        if '"' in line:
            following = (lines[i] for i in range(at, min(at + MOST_LINES, len(lines))))
            reader = csv.reader(following, delimiter=delimiter, strict=True)
            try:
                quoted = next(reader)
            except csv.Error:
                quoted = None
            if quoted is None or _swallows(lines[at : at + reader.line_num], delimiter, usual):
                unpaired.append(len(records) + 1)
            else:
                record, used = quoted, reader.line_num
        at += used
        cells += len(record) or 1
        if cells > limits.cells:
            raise too_many_cells(name, limits)
        records.append(record)
    return records, unpaired


def read(decoded: DecodedText, name: str, limits: Limits) -> OpenedFile:
    """Read a delimited text as one sheet named after the file.

    Row numbers count records, as a spreadsheet shows them: a line break inside quotation marks starts no row.

    Raises:
        UnreadableFile: no-table, too-large.
    """
    sheet_name = PurePosixPath(name).stem
    place = Place(name, sheet_name)
    delimiter, text = _delimiter(decoded.text, name)
    findings = list(_encoding_findings(decoded, Place(name)))
    csv.field_size_limit(LONGEST_CELL)
    records, unpaired = _records(text, delimiter, limits, name)
    findings += [_unbalanced(Place(name, sheet_name, row)) for row in unpaired[:NAMED]]
    while records and not any(map(str.strip, records[-1])):
        records.pop()
    if not records:
        raise no_table(name, _("文件里没有内容"))
    width = max(map(len, records))
    if width * len(records) > limits.cells:
        raise too_many_cells(name, limits)
    findings += _ragged(records, place)
    rows = tuple((*(cell if cell.strip() else None for cell in row), *(None,) * (width - len(row))) for row in records)
    return OpenedFile("tsv" if delimiter == "\t" else "csv", (Sheet(name, sheet_name, rows),), tuple(findings))


def _encoding_findings(decoded: DecodedText, place: Place) -> list[Finding]:
    remedy = _("请核对文字有无乱码；最好另存为 .xlsx 后重报。")
    findings = []
    if not decoded.certain:
        found = _("没有标明编码，按 {encoding} 读取").format(encoding=decoded.encoding)
        findings.append(Finding(Severity.WARNING, "encoding-guessed", place, found, _("UTF-8 或 GB18030 编码"), remedy))
    if decoded.lost:
        found = _("{count} 处无法识别的字节").format(count=decoded.lost)
        findings.append(Finding(Severity.WARNING, "undecodable-bytes", place, found, _("完整的文字"), remedy))
    return findings


def _unbalanced(place: Place) -> Finding:
    return Finding(
        Severity.WARNING,
        "unbalanced-quotes",
        place,
        _("有引号没有配对，引号按普通字符读取"),
        _("半角双引号成对出现"),
        _("请检查含引号的单元格；最好另存为 .xlsx 后重报。"),
    )


def _ragged(records: list[list[str]], place: Place) -> list[Finding]:
    """Rows with more cells than most: a delimiter inside an unquoted text has shifted what follows."""
    counts = Counter(len(record) for record in records if len(record) > 1)
    if not counts:
        return []
    usual = max(counts.items(), key=lambda item: (item[1], item[0]))[0]
    longer = [
        (row, len(record))
        for row, record in enumerate(records, start=1)
        if len(record) > usual and any(map(str.strip, record[usual:]))
    ]
    findings = [
        Finding(
            Severity.WARNING,
            "ragged-row",
            Place(place.file, place.sheet, row),
            _("{width} 个单元格").format(width=width),
            _("与其他行一样是 {usual} 个").format(usual=usual),
            _("多为内容里的分隔符没有加引号，请核对这一行。"),
        )
        for row, width in longer[:NAMED]
    ]
    if len(longer) > NAMED:
        rest = _("另有 {count} 行单元格过多").format(count=len(longer) - NAMED)
        findings.append(
            Finding(
                Severity.WARNING,
                "ragged-row",
                place,
                rest,
                _("与其他行一样是 {usual} 个").format(usual=usual),
                _("最好另存为 .xlsx 后重报。"),
            )
        )
    return findings
