"""PDF through typst: a template, data and figures in, bytes out; the same bytes on every machine.

What people wrote never meets the markup: it reaches the template as ``data.json`` and is set as strings. Fonts come
only from the ``paper`` extra and from typst itself, never from the machine, so that a missing glyph cannot depend on
where the document was made. typst prints boxes for a font it does not know and only warns; here that is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

from yingcheng.publish.extras import font_file, load, require_paper

__all__ = ["PaperError", "render"]

SHARED = ("style.typ",)


class PaperError(RuntimeError):
    """A template is at fault (a bug of ours, not of the input): it does not compile, or it names an unknown font."""


def _template(name: str) -> bytes:
    return files("yingcheng.publish").joinpath("templates", name).read_bytes()


def _timestamp(day: date) -> int:
    """Noon UTC of ``day``, in seconds: what the document says of its own making."""
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())


def render(
    template: str,
    data: Mapping[str, object],
    figures: Mapping[str, str] | None = None,
    *,
    as_of: date,
) -> bytes:
    """Set a document.

    Args:
        template: file name below ``publish/templates``, such as ``white_paper.typ``.
        data: anything ``json`` can write; the template reads it as ``json("data.json")``.
        figures: name → SVG text; the template reads them as ``image("figures/<name>.svg")``.
        as_of: the date the document carries; the clock is not asked.

    Returns:
        The PDF, tagged, byte-identical for the same arguments.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
        PaperError: the template does not compile or names a font that is not there.
    """
    require_paper()
    sources: dict[str, bytes] = {"main": _template(template)}
    sources.update({name: _template(name) for name in SHARED})
    sources["data.json"] = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    sources.update({f"figures/{name}.svg": svg.encode() for name, svg in sorted((figures or {}).items())})
    return compile_sources(sources, as_of=as_of)


PNG_DPI = 200


def svg_to_png(svg: str, *, width: float) -> bytes:
    """A picture as PNG, set by the same typesetter and font as the paper.

    Args:
        svg: the picture.
        width: in points; 200 dots per inch.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    page = f'#page(width: {width}pt, height: auto, margin: 0pt, image("picture.svg", width: 100%))'
    png: bytes = load("typst").compile(
        {"main": page.encode(), "picture.svg": svg.encode()},
        font_paths=[str(font_file().parent)],
        ignore_system_fonts=True,
        format="png",
        ppi=PNG_DPI,
    )
    return png


def compile_sources(sources: dict[str, bytes], *, as_of: date) -> bytes:
    """Compile virtual files (``main`` is the document) to PDF; see :func:`render`."""
    typst = load("typst")
    try:
        result: tuple[Any, list[Any]] = typst.compile_with_warnings(
            sources,
            font_paths=[str(font_file().parent)],
            ignore_system_fonts=True,
            format="pdf",
            timestamp=_timestamp(as_of),
        )
    except typst.TypstError as error:
        raise PaperError(getattr(error, "diagnostic", "") or str(error)) from error
    pdf, warnings = result
    unknown = sorted({str(warning) for warning in warnings if "unknown font family" in str(warning)})
    if unknown:
        raise PaperError("; ".join(unknown))
    if not isinstance(pdf, bytes):
        raise PaperError(f"expected one PDF, got {type(pdf).__name__}")
    return pdf
