"""Tell a file's format from its bytes and hand it to its reader."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers import compound, delimited, spreadsheet, word
from yingcheng.intake.readers.archive import Archive, open_archive
from yingcheng.intake.readers.refusals import encrypted

__all__ = ["read_content"]

EXTENSIONS = {
    "xlsx": {"xlsx", "xlsm", "xltx", "xltm", "et"},
    "xls": {"xls", "xlt", "et"},
    "xlsb": {"xlsb"},
    "ods": {"ods"},
    "docx": {"docx", "docm"},
    "pdf": {"pdf"},
    "csv": {"csv", "txt", "tsv", "tab"},
    "tsv": {"tsv", "txt", "tab", "csv"},
}
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".svg", ".ico"})
ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def _refusal(name: str, code: str) -> UnreadableFile:
    texts = {
        "image": (
            _("这是一张图片，不是表格"),
            _("请报送原始的电子表格；只有纸质件的，请录入模板后报送。"),
        ),
        "archive": (_("这是压缩包"), _("请解压后把里面的文件直接放入文件夹。")),
        "legacy-word": (
            _("旧版 Word 文档（.doc/.wps）无法读取"),
            _("请用 Word 或 WPS 打开，另存为 .docx 后重报。"),
        ),
        "web-page": (
            _("这是网页，不是工作簿（有的系统把网页存成 .xls）"),
            _("请用 Excel 或 WPS 打开，另存为 .xlsx 后重报。"),
        ),
        "rich-text": (_("RTF 文档无法读取"), _("请另存为 .docx 后重报。")),
        "not-a-workbook": (
            _("不是表格或文档，认不出格式"),
            _("可以读取 .xlsx、.xls、.ods、.csv、.docx 和文字版 PDF，请另存为其中之一。"),
        ),
    }
    what, remedy = texts[code]
    return UnreadableFile(what, where=name, remedy=remedy, code=code)


def _read_compound(data: bytes, path: Path, name: str, limits: Limits) -> OpenedFile:
    wanted = ("EncryptedPackage", "Workbook", "Book", "WordDocument")
    streams = compound.stream_names_in(data, wanted)
    if "EncryptedPackage" in streams:
        raise encrypted(name)
    if "Workbook" in streams or "Book" in streams:
        return spreadsheet.read_binary(data, path, "xls", name, limits)
    if "WordDocument" in streams:
        raise _refusal(name, "legacy-word")
    raise _refusal(name, "not-a-workbook")


def _read_archive(archive: Archive, path: Path, name: str, limits: Limits) -> OpenedFile:
    parts = set(archive.parts)
    if "word/document.xml" in parts:
        return word.read(archive, limits)
    if "xl/workbook.xml" in parts:
        return spreadsheet.read_xlsx(archive, path, limits)
    if "xl/workbook.bin" in parts:
        return spreadsheet.read_binary(archive.data, path, "xlsb", name, limits)
    if "content.xml" in parts and archive.read("mimetype").strip() == ODS:
        return spreadsheet.read_binary(archive.data, path, "ods", name, limits)
    raise _refusal(name, "not-a-workbook" if "[Content_Types].xml" in parts or "mimetype" in parts else "archive")


def _read_by_magic(data: bytes, path: Path, name: str, limits: Limits) -> OpenedFile:
    if data.startswith(compound.MAGIC):
        return _read_compound(data, path, name, limits)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_archive(open_archive(data, name, limits), path, name, limits)
    if b"%PDF-" in data[:1024]:
        from yingcheng.intake.readers import pdf  # noqa: PLC0415 - takes as long to load as a list to read

        return pdf.read(data, name, limits)
    if data.startswith(IMAGES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        raise _refusal(name, "image")
    if data.startswith(ARCHIVES):
        raise _refusal(name, "archive")
    if data.startswith(b"{\\rtf"):
        raise _refusal(name, "rich-text")
    start = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"mime-version:")):
        raise _refusal(name, "web-page")
    if PurePosixPath(name).suffix.lower() in PICTURES:  # whatever it holds, nobody sent it as a list
        raise _refusal(name, "image")
    text = delimited.decode(data, name)
    if text is None:
        raise _refusal(name, "not-a-workbook")
    return delimited.read(text, name, limits)


def read_content(path: Path, name: str, limits: Limits) -> OpenedFile:
    """Read the file whatever its name says; a name that says otherwise becomes a notice.

    Raises:
        UnreadableFile: see :func:`yingcheng.intake.readers.open_file`.
    """
    opened = _read_by_magic(path.read_bytes(), path, name, limits)
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension in EXTENSIONS[opened.format]:
        return opened
    mismatch = Finding(
        Severity.NOTICE,
        "wrong-extension",
        Place(name),
        f".{extension}" if extension else _("没有扩展名"),
        _("内容是 {format} 格式，扩展名应与内容一致").format(format=opened.format),
        _("已按内容读取；请改用正确的扩展名保存，以免对方打不开。"),
    )
    return OpenedFile(opened.format, opened.sheets, (mismatch, *opened.findings))
