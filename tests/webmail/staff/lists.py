"""Lists of staff as files, for tests that bring them in by the browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from werkzeug.test import TestResponse

from tests.webmail.visitor import Visitor, text_of

HEADINGS = ("Mã cán bộ", "Họ và tên", "Ngày sinh", "Đơn vị", "Chức vụ", "Tài khoản")
APPROVAL = "Quyết định 402/QĐ-SXD"
Row = Sequence[str]


def as_csv(*rows: Row, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows((HEADINGS, *rows))
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: Row) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADINGS, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(admin: Visitor, octets: bytes, name: str = "nhan-su.csv", approval: str = APPROVAL) -> TestResponse:
    return admin.post("/nhan-su/nhap", file=(io.BytesIO(octets), name), approval=approval)


def bring_in(admin: Visitor, octets: bytes, name: str = "nhan-su.csv") -> str:
    """Put a list down and import all of it without scripts; the path of its page."""
    path = put(admin, octets, name).location
    assert path is not None
    while "Nhập tiếp" in (page := admin.follow(admin.post(f"{path}/chay"))).text:
        assert page.status_code == 200
    return path


def passwords(admin: Visitor, path: str) -> dict[str, str]:
    """Address to first password, as the page shows them once."""
    page = admin.post(f"{path}/mat-khau", do="show")
    assert page.status_code == 201, text_of(page)
    found = re.findall(r'queue-address">([^<]+)</span></div><div><code[^>]*>([^<]+)<', page.text)
    return dict(found)
