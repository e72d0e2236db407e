"""Types of administrative documents and their abbreviations (30/2020/NĐ-CP, Điều 7, Phụ lục III)."""

from __future__ import annotations

from mailserver.text import fold

# Abbreviation to name; Công văn and Thư công have none.
BY_ABBREVIATION: dict[str, str] = {
    "NQ": "Nghị quyết",
    "QĐ": "Quyết định",
    "CT": "Chỉ thị",
    "QC": "Quy chế",
    "QyĐ": "Quy định",
    "TC": "Thông cáo",
    "TB": "Thông báo",
    "HD": "Hướng dẫn",
    "CTr": "Chương trình",
    "KH": "Kế hoạch",
    "PA": "Phương án",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "BC": "Báo cáo",
    "BB": "Biên bản",
    "TTr": "Tờ trình",
    "HĐ": "Hợp đồng",
    "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ",
    "BTT": "Bản thỏa thuận",
    "GUQ": "Giấy ủy quyền",
    "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu",
    "GNP": "Giấy nghỉ phép",
    "PG": "Phiếu gửi",
    "PC": "Phiếu chuyển",
    "PB": "Phiếu báo",
    "SY": "Sao y",
    "TrS": "Trích sao",
    "SL": "Sao lục",
}
# Forms of 2011 that still arrive.
_OLD = {"GN": "Giấy nghỉ phép", "TTh": "Bản thỏa thuận", "GT": "Giấy giới thiệu", "NP": "Giấy nghỉ phép"}
DEFAULT = "Công văn"
NAMES: tuple[str, ...] = (DEFAULT, *dict.fromkeys(BY_ABBREVIATION.values()), "Thư công")

_FOLDED_NAMES = {fold(name): name for name in NAMES}
# "QĐ" and "QD" are the same in a file name without diacritics.
_FOLDED_ABBREVIATIONS = {
    **{fold(short): name for short, name in _OLD.items()},
    **{fold(short): name for short, name in BY_ABBREVIATION.items()},
}


def type_of_notation(notation: str) -> str:
    """The type that the sign of a document names: "QĐ-UBND" is a Quyết định, "UBND-KTN" a Công văn."""
    first = notation.split("-")[0]
    if first in BY_ABBREVIATION:
        return BY_ABBREVIATION[first]
    # All capitals without diacritics, as in "QD-UBND": fold, unless it may be an agency of that name.
    return _FOLDED_ABBREVIATIONS.get(fold(first), DEFAULT) if "-" in notation else DEFAULT


def type_of_heading(line: str) -> str | None:
    """The type named by a line in capitals, "TỜ TRÌNH", or None."""
    return _FOLDED_NAMES.get(fold(line))
