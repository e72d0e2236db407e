from __future__ import annotations

import unicodedata

from mailserver.directory.alphabet import by_given_name, word


def test_letters_come_before_tones_and_marked_letters_are_letters_of_their_own() -> None:
    ordered = [
        "ba",
        "bà",
        "bả",
        "bã",
        "bá",
        "bạ",
        "bác",
        "băng",
        "bân",
        "da",
        "đa",
        "em",
        "êm",
        "oan",
        "ôn",
        "ơn",
        "um",
        "ưm",
    ]
    mixed = ordered[::2] + ordered[1::2]
    assert sorted(mixed, key=word) == ordered
    apart = [unicodedata.normalize("NFD", one) for one in mixed]
    assert sorted(apart, key=word)[1] == unicodedata.normalize("NFD", "bà")


def test_people_are_found_by_how_they_are_called() -> None:
    names = ["Vương Đình Khôi", "Nguyễn Văn Khải", "Ngô Vĩnh Khải", "Lê Ân", "Huỳnh Thị Kim Anh", "Trần Đào", "Lê Dung"]
    assert sorted(names, key=by_given_name) == [
        "Huỳnh Thị Kim Anh",
        "Lê Ân",
        "Lê Dung",
        "Trần Đào",
        "Ngô Vĩnh Khải",
        "Nguyễn Văn Khải",
        "Vương Đình Khôi",
    ]
    assert by_given_name("") < by_given_name("An")
