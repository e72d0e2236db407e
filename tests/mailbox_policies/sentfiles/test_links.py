"""Links in letters: put into their texts alone, whatever they are encoded as, and found wherever they are put."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import pytest

from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.leaving import with_links
from mailbox_policies.sentfiles.linked import named_in
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from mailserver.mime.scan import scan

AT = Addresses("https://mail.example")
PAGE = "https://mail.example/tep/12"
MADE = {12: AT.link("x" * 32)}
FILE = Attachment("ghi chú.txt", "text/plain", f"xem {PAGE}\r\n".encode())


def letter(text: str, html: str | None = None) -> bytes:
    me = Address("", "an", "sxd.example")
    when = datetime(2026, 11, 26, tzinfo=UTC)
    more = {"html": html, "attachments": (FILE,)}
    return compose(Draft(me, (me,), (), (), "Tệp", text, when, "a@sxd.example", **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        f"See {PAGE}\n",
        f"Kính gửi ông: {PAGE}, và {PAGE}.\nTrân trọng\n" + "tiếng Việt có dấu " * 40,
        f"{'ă' * 500} {PAGE}",
        f"plain, but a line that is much too long for seven bits {PAGE} " + "and longer " * 20,
    ],
)
def test_a_link_is_put_into_each_text_and_nowhere_else(text: str) -> None:
    octets = letter(text, f'<p><a href="{PAGE}">Tệp</a></p>')
    made = email.message_from_bytes(with_links(octets, AT, MADE), policy=email.policy.default)
    plain, html = made.get_body(("plain",)), made.get_body(("html",))
    assert plain is not None and html is not None
    wanted = text.replace(PAGE, MADE[12]).rstrip("\n")
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == wanted
    assert f'href="{MADE[12]}"' in html.get_content()
    (file,) = made.iter_attachments()
    assert PAGE in file.get_content()
    assert not made.defects and with_links(octets, AT, {1: "x"}) == octets


def test_a_page_is_found_wherever_a_link_would_be_put() -> None:
    hidden = letter("Chào", f'<a href="{PAGE}">Tệp</a>')
    assert named_in(AT, hidden, scan(hidden)) == {12}
    longer = letter(f"{PAGE}3 {PAGE}/tai https://mail.example/tep/7x https://other.example/tep/9 /tep/8")
    assert named_in(AT, longer, scan(longer)) == {123, 12, 7}
    none = letter("Chào")
    assert named_in(AT, none, scan(none)) == set()
