"""The text layer of a PDF."""

import pypdfium2


def page_texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range().replace("\u200b", "") for page in document]
    document.close()
    return pages


def squeezed(pdf: bytes) -> str:
    """All words without blanks and line ends, so that where a line breaks does not matter."""
    return "".join("".join(page_texts(pdf)).split())
