"""The vectors of the regulations (DOMAIN: 132/QĐ-STTTT Điều 6; 04/2017/QĐ-UBND Điều 7)."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from mailserver.directory.errors import NameUnusable
from mailserver.directory.naming import GIALAI, KONTUM, NameParts, account_name, propose, scheme, unit_name


def nobody(_name: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Nguyễn", "Văn", "Minh"), "minhnv"),
        (("Đặng", "Thị Hồng", "Đào"), "daodth"),
        (("Lê", "", "Ân"), "anl"),
        (("Âu Dương", "Minh", "Triết"), "trietadm"),
        (("Võ", "Thị Như", "Ý"), "yvtn"),
        (("Tạ", "Thị Ngọc", "Diễm"), "diemttn"),
        (("Rơ Châm", "", "H'Yéo"), "hyeorc"),
        (("Đỗ", "", "Ước"), "uocd"),
    ],
)
def test_gialai_joins_the_given_name_and_the_initials(parts: tuple[str, str, str], name: str) -> None:
    assert account_name("gl", NameParts(*parts), nobody) == name


def test_gialai_gives_the_same_for_composed_and_decomposed_letters() -> None:
    decomposed = NameParts(*(unicodedata.normalize("NFD", part) for part in ("Nguyễn", "Văn", "Minh")))
    assert account_name("gl", decomposed, nobody) == "minhnv"


@pytest.mark.parametrize(
    ("parts", "name"),
    [(("Trương", "Hoàng Tiến", "Minh"), "tienminhth"), (("Trần", "Huỳnh Tấn", "Minh"), "tanminhth")],
)
def test_gialai_takes_the_longer_form_where_the_plain_one_is_taken(parts: tuple[str, str, str], name: str) -> None:
    assert account_name("gl", NameParts(*parts), lambda wanted: wanted == "minhtht") == name


def test_gialai_gives_both_of_two_rivals_the_longer_form() -> None:
    van, vinh = NameParts("Nguyễn", "Văn", "Minh"), NameParts("Ngô", "Vĩnh", "Minh")
    assert account_name("gl", van, nobody, [vinh]) == "vanminhn"
    assert account_name("gl", vinh, nobody, [van]) == "vinhminhn"


@pytest.mark.parametrize(
    ("person", "other", "name"),
    [
        (("Trương", "Hoàng Tiến", "Minh", "11/02/1973"), ("Trương", "Hoàng Tiến", "Minh"), "minhtht11021973"),
        (("Trương", "Hoàng Tiến", "Minh", "15/8/1963"), ("Trương", "Hoàng Tiến", "Minh"), "minhtht1581963"),
        (("Trần", "Huỳnh Tấn", "Minh", "11/02/1973"), ("Trương", "Hoàng Tấn", "Minh"), "minhtht11021973"),
        (("Trương", "Hoàng Tấn", "Minh", "15/8/1963"), ("Trần", "Huỳnh Tấn", "Minh"), "minhtht1581963"),
        (("Trương", "Thị Thu", "Hà", "01/9/1980"), ("Trần", "Thị Thu", "Hà"), "hattt0191980"),
        (("Trương", "Thị Thu", "Hà", date(1988, 3, 12)), ("Trần", "Thị Thu", "Hà"), "hattt12031988"),
    ],
)
def test_gialai_tells_namesakes_apart_by_the_birth_date(
    person: tuple[str, str, str, str], other: tuple[str, str, str], name: str
) -> None:
    assert account_name("gl", NameParts(*person), nobody, [NameParts(*other)]) == name


def test_somebody_with_another_plain_form_is_no_rival() -> None:
    assert account_name("gl", NameParts("Nguyễn", "Trọng Thu", "Hà"), nobody, [NameParts("Trần", "Thị Thu", "Hà")]) == (
        "hantt"
    )


def test_namesakes_born_on_the_same_day_get_a_number_and_a_second_look() -> None:
    person = NameParts("Trương", "Hoàng Tấn", "Minh", "11/02/1973")
    found = propose(GIALAI, person, lambda name: name == "minhtht11021973", [NameParts("Trần", "Huỳnh Tấn", "Minh")])
    assert (found.name, found.manual, found.stage) == ("minhtht110219732", True, 4)


def test_unusual_names_are_flagged_for_a_second_look() -> None:
    assert propose(GIALAI, NameParts("Rơ Châm", "", "H'Yéo"), nobody).manual
    assert not propose(GIALAI, NameParts("Nguyễn", "Văn", "Minh"), nobody).manual


@pytest.mark.parametrize(
    ("parts", "office", "taken", "name"),
    [
        (("Nguyễn", "Văn", "Minh"), "", (), "nvminh.tp"),
        (("Nguyễn", "Vũ", "Minh"), "TNMT", ("nvminh.tp",), "nvminhtnmt.tp"),
        (("Nguyễn", "Vũ", "Minh"), "TNMT", ("nvminh.tp", "nvminhtnmt.tp"), "nvminhtnmt2.tp"),
        (("Đỗ", "Thị Bích", "Đào"), "", (), "dtbdao.tp"),
    ],
)
def test_kontum(parts: tuple[str, str, str], office: str, taken: tuple[str, ...], name: str) -> None:
    assert account_name(scheme("kt", office=office), NameParts(*parts), lambda wanted: wanted in taken) == name


@pytest.mark.parametrize(
    ("chosen", "text", "name"),
    [
        (GIALAI, "phòng VHTT huyện Đăk Đoa", "vhttdakdoa"),
        (KONTUM, "UBND phường Quang Trung", "ubndpquangtrung.tp"),
        (KONTUM, "trưởng phòng Tư pháp", "tptuphap.tp"),
        (KONTUM, "phó trưởng phòng Tư pháp", "ptptuphap.tp"),
    ],
)
def test_units_posts_and_shared_accounts(chosen: object, text: str, name: str) -> None:
    assert unit_name(chosen, text) == name  # type: ignore[arg-type]


def test_tayninh_numbers_namesakes() -> None:
    assert account_name("tn", NameParts("Lê", "Văn", "An"), lambda name: name == "anlv") == "anlv2"


def test_reserved_words_are_nobodys_name() -> None:
    assert account_name("gl", NameParts("", "", "Root"), nobody) == "root2"


def test_manual_makes_no_name() -> None:
    with pytest.raises(NameUnusable):
        account_name("manual", NameParts("Nguyễn", "Văn", "Minh"), nobody)


def test_a_name_without_letters_is_unusable() -> None:
    with pytest.raises(NameUnusable):
        account_name("gl", NameParts("", "", "···"), nobody)
