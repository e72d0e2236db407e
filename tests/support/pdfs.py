"""What stands in a PDF."""

from __future__ import annotations

import io

from pypdf import PdfReader


def words_of(octets: bytes) -> str:
    """Its text on one line; hashes that a column has broken are joined again by `without_spaces`."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(octets)).pages)


def without_spaces(text: str) -> str:
    return "".join(text.split())
