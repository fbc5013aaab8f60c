"""Files that people send: kept outside of everything that is served, under names of our own."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from yingcheng.errors import UnreadableFile

__all__ = ["ACCEPTED", "Stored", "path_of", "store"]

ACCEPTED = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".docx", ".pdf", ".et", ".wps")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was taken in."""

    stored_as: str
    file_name: str
    sha256: str
    size: int


def path_of(stored_as: str) -> Path:
    """Where a stored file is. The name is one of ours: 32 hexadecimal digits."""
    if len(stored_as) != 32 or not all(digit in "0123456789abcdef" for digit in stored_as):
        raise ValueError(stored_as)
    return Path(settings.UPLOADS) / stored_as


def _plain_name(name: str) -> str:
    """The sender's name for the file, without folders and signs that mean something to a system."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(sign for sign in base if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*\\/').strip(
        " ."
    )
    path = PurePosixPath(kept or "file")
    return path.stem[: _LONGEST_NAME - len(path.suffix)] + path.suffix[:10]


def store(upload: UploadedFile[Any]) -> Stored:
    """Keep an upload.

    Raises:
        UnreadableFile: its kind is not accepted, it is empty or too large; nothing is kept then.
    """
    name = _plain_name(upload.name or "")
    if PurePosixPath(name).suffix.lower() not in ACCEPTED:
        raise UnreadableFile(
            _("不收这种文件"),
            where=name,
            remedy=_("请上传：{kinds}。").format(kinds="、".join(ACCEPTED)),
            code="file-kind",
        )
    if not upload.size:
        raise UnreadableFile(_("文件是空的"), where=name, remedy=_("请检查后重新上传。"), code="file-empty")
    if upload.size > settings.UPLOAD_LIMIT:
        limit = settings.UPLOAD_LIMIT // 1024**2
        raise UnreadableFile(
            _("文件超过 {limit} MB").format(limit=limit), where=name, remedy=_("请拆分后上传。"), code="file-too-large"
        )
    stored_as = uuid.uuid4().hex
    target = path_of(stored_as)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        target.chmod(0o600)
        for chunk in upload.chunks():
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    return Stored(stored_as, name, digest.hexdigest(), size)
