"""Reading and writing PDFs object by object."""

from __future__ import annotations

import pytest

from webmail.mail.pdfs.objects import Malformed, entries, read, stream

HEAD = b"%PDF-1.4\r\n"
ONE = b"1 0 obj\r\n<</Type/Catalog>>\r\nendobj\r\n"
TWO = b"2 0 obj\r\n<</Length 3/K(a\\)b(c))>>stream\r\nxyz\r\nendstream\r\nendobj\r\n"
OLD = b"3 0 obj\r\n<</Type/XRef/Length 0>>stream\r\n\r\nendstream\r\nendobj\r\n"


def file(*objects: bytes, rows: bytes = b"") -> bytes:
    out, table = HEAD, b"xref\r\n0 %d\r\n0000000000 65535 f\r\n" % (len(objects) + 1)
    for one in objects:
        table += b"%010d 00000 n\r\n" % len(out)
        out += one
    return out + table + rows + b"trailer\r\n<</Root 1 0 R >>\r\nstartxref\r\n%d\r\n%%%%EOF\r\n" % len(out)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"<<>>", {}),
        (b"<</A 1/B -.5 /C true>>", {b"A": b"1", b"B": b"-.5", b"C": b"true"}),
        (b"<</A/B/C/ /D 1>>", {b"A": b"/B", b"C": b"/", b"D": b"1"}),
        (b"<</A 12 0 R /B 1 0 R/C 3>>", {b"A": b"12 0 R", b"B": b"1 0 R", b"C": b"3"}),
        (b"<</A[1 0 R[(])]<</X>>/Y 2]/B<</C<</D>>]>>>>", None),
        (
            b"<</A[ 1 0 R [(])]<</X/Y>> 2]/B<</C<</D()>>>>>>",
            {b"A": b"[ 1 0 R [(])]<</X/Y>> 2]", b"B": b"<</C<</D()>>>>"},
        ),
        (b"<</A(\\)>>(x)\\\\)/B<3E3E>/C()>>", {b"A": b"(\\)>>(x)\\\\)", b"B": b"<3E3E>", b"C": b"()"}),
        (b"<</A(", None),
        (b"<</A 1", None),
        (b"<<1 2>>", None),
        (b"<</A[1", None),
        (b"<</A<00", None),
        (b"<</A", None),
    ],
)
def test_values_are_taken_as_they_stand(text: bytes, found: dict[bytes, bytes] | None) -> None:
    if found is None:
        with pytest.raises(Malformed):
            entries(text, 0)
    else:
        assert entries(text + b"rest", 0) == (found, len(text))


def test_a_file_comes_out_as_it_went_in_but_for_what_is_changed() -> None:
    whole = read(file(ONE, TWO))
    assert whole.written({}) == file(ONE, TWO)
    assert read(file(ONE, TWO, OLD)).written({}) == file(ONE, TWO), "the old table is of no use"
    gap = file(ONE, rows=b"3 1\r\n%010d 00000 n\r\n" % len(HEAD + ONE)).replace(ONE, ONE + TWO.replace(b"2", b"3", 1))
    gap = gap.replace(b"startxref\r\n%d" % len(HEAD + ONE), b"startxref\r\n%d" % len(HEAD + ONE + TWO))
    assert read(read(gap).written({})).objects.keys() == {1, 3}
    old = stream(whole.objects[2])
    assert old is not None and old.data == b"xyz" and stream(ONE) is None
    new = read(whole.written({2: type(old)(2, 0, old.entries, b"longer one")}))
    (changed,) = new.streams()
    assert changed.data == b"longer one" and changed.entries[b"K"] == b"(a\\)b(c))" and new.objects[1] == ONE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        file(ONE)[:-20],
        file(ONE, rows=b"9 1\r\n0000000003 00000 n\r\n"),
        file(ONE, rows=b"9 1\r\n0000099999 00000 n\r\n"),
        file(),
        file(ONE).replace(b"trailer", b"traitor"),
        file(ONE).replace(b"/Root", b"(Root"),
        b"startxref\r\n0\r\n%%EOF",
    ],
)
def test_what_is_written_otherwise_is_not_read(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@pytest.mark.parametrize("data", [b"", b"x", TWO.replace(b"Length 3", b"Length 9"), TWO.replace(b"Length 3", b"X 3")])
def test_a_stream_whose_end_is_elsewhere_is_not_read(data: bytes) -> None:
    with pytest.raises(Malformed):
        stream(data)
