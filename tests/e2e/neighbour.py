"""A neighbouring agency: its document on paper, scanned, and sent by mail."""

from __future__ import annotations

import smtplib
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from deploy.demo.paper import Sheet, render

FILENAME = "Công văn 1501-UBND-KTN rà soát quy hoạch.pdf"
SUBJECT = "V/v rà soát quy hoạch phân khu phía nam sông Lệ, báo cáo trước ngày 30/11/2026"
CODE = "1501/UBND-KTN"
SENDER = "vanthu@ubnd.hungbinh.example"


def scan() -> bytes:
    """The PDF of the document."""
    return render(
        Sheet(
            superior="",
            agency="ỦY BAN NHÂN DÂN TỈNH HƯNG BÌNH",
            number=CODE,
            place="Hưng Bình",
            on=date(2026, 11, 20),
            type_name="",
            subject=SUBJECT,
            addressee="Sở Xây dựng",
            body=["Ủy ban nhân dân tỉnh đề nghị Sở Xây dựng rà soát quy hoạch phân khu phía nam sông Lệ."],
            signer=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Trần Hữu Nghĩa"),
            copies_to=["Như trên", "Lưu: VT, KTN"],
        )
    )


def letter(pdf: bytes, to: str) -> EmailMessage:
    """A mail as common programs write it: Vietnamese subject, file name by RFC 2231 §4."""
    mail = EmailMessage()
    mail["From"] = f"Văn thư UBND tỉnh <{SENDER}>"
    mail["To"] = to
    mail["Subject"] = SUBJECT
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="ubnd.hungbinh.example")
    mail.set_content("Kính gửi Sở Xây dựng công văn của UBND tỉnh, xin xem tệp kèm theo.")
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=FILENAME)
    return mail


def send(port: int, to: str, pdf: bytes) -> None:
    """By SMTP to the agency's mail exchanger."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(letter(pdf, to), SENDER, [to])
