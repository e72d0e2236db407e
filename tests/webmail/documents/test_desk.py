from __future__ import annotations

from datetime import date

import pytest

from routing.types import MessageRef, State
from tests.routing.world import REGISTERED, World
from tests.webmail.documents.test_views import state
from tests.webmail.sample import arrive
from tests.webmail.visitor import Visitor, text_of

FIELDS = {
    "number": "1482",
    "notation": "UBND-KTN",
    "issued_on": "2026-11-02",
    "issuer": "UBND tỉnh",
    "type_name": "Công văn",
    "summary": "V/v rà soát quy hoạch phân khu ven sông Lệ",
    "urgency": "0",
    "secrecy": "0",
    "treatment": "task",
    "files": "2",
    "then": "next",
}


def desk(ref: MessageRef) -> str:
    return f"/van-ban/cho-vao-so/{ref.folder_id}/{ref.uid}"


def test_who_does_not_register_sees_an_empty_desk_and_no_message(head: Visitor, world: World) -> None:
    ref = world.arrive()
    assert "song Lệ" not in text_of(head.get("/van-ban/cho-vao-so"))
    assert head.get(desk(ref)).status_code in (403, 404)
    assert head.post(desk(ref), **FIELDS).status_code in (403, 404)
    assert world.uids("sxd", REGISTERED) == []


def test_a_missing_message_is_404(clerk: Visitor, world: World) -> None:
    ref = world.arrive()
    assert clerk.get(f"/van-ban/cho-vao-so/{ref.folder_id}/99").status_code == 404
    assert clerk.post(f"/van-ban/cho-vao-so/99999/{ref.uid}", **FIELDS).status_code == 404


def test_the_form_is_filled_with_marked_suggestions(clerk: Visitor, world: World) -> None:
    ref = arrive(world, "ubnd", "1482/UBND-KTN", "V/v rà soát quy hoạch ven sông Lệ", date(2026, 11, 2))
    page = clerk.get(desk(ref))
    assert 'value="1482"' in page.text and 'value="UBND-KTN"' in page.text and 'value="2026-11-02"' in page.text
    assert page.text.count("spark-field") >= 4
    assert f"/thu/{ref.folder_id}/{ref.uid}/trang/2/1/1000.jpg" in page.text
    image = clerk.get(f"/thu/{ref.folder_id}/{ref.uid}/trang/2/1/600.jpg")
    assert image.status_code == 200 and image.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": ""}, "Hãy ghi cơ quan ban hành."),
        ({"summary": ""}, "Hãy ghi trích yếu."),
        ({"summary": "x" * 501}, "Tối đa 500 ký tự."),
        ({"due_on": "2026-11-01"}, "Hạn xử lý trước ngày văn bản."),
        ({"pages": "-1"}, "Số trang không hợp lệ."),
        ({"number": "1" * 12}, "Quá dài."),
        ({"secrecy": "1"}, "MẬT"),
        ({"treatment": "nonsense"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_no_number_is_taken(
    clerk: Visitor, world: World, change: dict[str, str], said: str
) -> None:
    ref = world.arrive()
    refused = clerk.post(desk(ref), **{**FIELDS, "note": "giữ lại nhé", **change})
    assert refused.status_code == 422
    assert said.casefold() in text_of(refused).casefold()
    assert "giữ lại nhé" in refused.text
    assert world.uids("sxd", REGISTERED) == []
    assert clerk.post(desk(ref), **FIELDS).status_code == 303
    assert "số đến 1." in clerk.get("/viec").text


def test_registering_opens_the_next_message(clerk: Visitor, world: World) -> None:
    first, second = world.arrive(), world.arrive("Khác")
    done = clerk.post(desk(first), **FIELDS)
    assert (done.status_code, done.location) == (303, desk(second))
    last = clerk.post(desk(second), **{**FIELDS, "number": "1500"})
    assert last.location == "/van-ban/cho-vao-so"
    assert len(world.uids("sxd", REGISTERED)) == 2


def test_registering_can_go_on_to_submitting(clerk: Visitor, world: World) -> None:
    ref = world.arrive()
    done = clerk.post(desk(ref), **{**FIELDS, "then": "submit"})
    assert done.status_code == 303 and done.location.endswith("#viec")
    document_id = int(done.location.rpartition("/")[2].partition("#")[0])
    assert state(world, document_id) is State.REGISTERED
    assert "Trình lãnh đạo" in text_of(clerk.follow(done))


def test_twice_is_refused(clerk: Visitor, world: World) -> None:
    ref = world.arrive()
    assert clerk.post(desk(ref), **FIELDS).status_code == 303
    assert clerk.post(desk(ref), **FIELDS).status_code in (404, 409)
    assert len(world.uids("sxd", REGISTERED)) == 1


def test_a_duplicate_is_shown_with_a_link_and_can_be_registered_on_purpose(clerk: Visitor, world: World) -> None:
    first, second = world.arrive(), world.arrive()
    clerk.post(desk(first), **FIELDS)
    refused = clerk.post(desk(second), **FIELDS)
    assert refused.status_code == 422
    assert "Có thể trùng văn bản đã vào sổ" in text_of(refused) and 'name="accept_duplicate"' in refused.text
    assert clerk.post(desk(second), **FIELDS, accept_duplicate="1").status_code == 303


def test_the_mail_is_linked_from_the_document_and_back(clerk: Visitor, world: World) -> None:
    ref = world.arrive()
    done = clerk.post(desk(ref), **{**FIELDS, "then": "submit"})
    page = clerk.follow(done)
    (uid,) = world.uids("sxd", REGISTERED)
    mail = f"/thu/{world.folder('sxd', REGISTERED)}/{uid}"
    assert mail in page.text
    assert "Thư này là một văn bản đã vào sổ." in text_of(clerk.get(mail))


def test_a_duplicate_is_warned_of_before_anything_is_typed(clerk: Visitor, world: World) -> None:
    where = ("ubnd", "1482/UBND-KTN", "V/v rà soát quy hoạch ven sông Lệ", date(2026, 11, 2))
    first, second = arrive(world, *where), arrive(world, *where)
    page = clerk.get(desk(first))
    assert "Có thể trùng" not in page.text
    fields = {**FIELDS, "issuer": "UBND tỉnh Hưng Bình"}
    assert clerk.post(desk(first), **fields).status_code == 303
    warned = clerk.get(desk(second))
    assert "Có thể trùng văn bản đã vào sổ" in text_of(warned) and "Số đến 1" in text_of(warned)
