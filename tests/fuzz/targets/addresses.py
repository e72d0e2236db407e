"""Address fields: any octets give entries, and what we write ourselves is read back as it was."""

from __future__ import annotations

from mailserver.mime import fields, legacy
from mailserver.mime.address import GROUP_END, Address, AddressBudget, AddressEntry, mailboxes, parse_addresses
from mailserver.mime.envelope import HeaderFacts, envelope_wire
from mailserver.mime.header import fields_of, unfold
from mailserver.mime.limits import MAX_ADDRESSES, MAX_NAME
from tests.fuzz.target import Target
from tests.mailserver.mime import imaplist, soundness


def check(raw: bytes) -> None:
    budget = AddressBudget()
    entries = parse_addresses(unfold(raw), budget)
    assert len(entries) <= MAX_ADDRESSES + 2  # the last mailbox, and the end of a group that was open
    _check_groups(entries)
    found = mailboxes(entries)
    soundness.check_storable([text for one in found for text in (one.name, one.local, one.domain, one.display)])
    facts = HeaderFacts([(name, raw) for name in (b"from", b"to", b"cc", b"from")])
    facts.read_addresses(AddressBudget(tokens=2_000))
    imaplist.check_envelope(imaplist.parse(envelope_wire(facts)))
    for address in found:
        _check_written(address)


def _check_groups(entries: list[AddressEntry]) -> None:
    """Groups begin and end in turn."""
    open_group = False
    for entry in entries:
        if entry == GROUP_END:
            assert open_group
            open_group = False
        elif entry.host is None:
            assert not open_group
            open_group = True
    assert not open_group


def _check_written(address: Address) -> None:
    """A mailbox can be refused by the writer; if not, a reader finds this one mailbox."""
    try:
        field = fields.addresses("To", (address,))
    except ValueError:
        return
    [(name, value)] = fields_of(field.removesuffix(b"\r\n"))
    assert name == b"to"
    (again,) = mailboxes(parse_addresses(unfold(value), AddressBudget()))
    assert again.local == address.local, (field, again, address)
    assert again.domain.isascii()
    if legacy.repair(address.name) is not None:  # it looks broken, and readers are shown another
        return
    assert " ".join(again.name.split()) == " ".join(address.name.split())[:MAX_NAME].strip(), (field, again, address)


SEEDS = [
    b"an@x.vn",
    b"An <an@x.vn>, Binh <binh@x.vn>",
    b'"Nguyen, An" <an@x.vn>',
    b'=?utf-8?B?Vmnhu4d0?= <"x y"@z.vn>, (comment (nested)) c@d.vn (name)',
    b"G: a@b, c@d;, e@f",
    b"undisclosed-recipients:;",
    b"<@route,@two:a@b.vn>",
    b"a . b @ c . d, <a@[192.168.1.1]>, \xc4\x90 <\xc4\x91@x.vn>",
    b'"a\\"b" <c@d>, "open <x@y>',
]
TARGET = Target(
    about="address fields, the addresses of ENVELOPE, and addresses that we write",
    check=check,
    seeds=lambda: SEEDS,
    words="addresses",
    longest=1024,
)
