"""What a writer is asked to look at before a letter goes: one panel, and a second, deliberate click."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mailbox_policies import chain
from mailbox_policies.modes import Mode
from mailbox_policies.rules import bulk_mail, sending_rate
from mailbox_policies.sending.counting import Counting
from mailserver.outbound.parcels import Queue
from tests.routing.world import World
from tests.webmail.mail.test_composing import LETTER, fresh
from tests.webmail.mail.test_views import receive
from tests.webmail.visitor import Visitor, hidden, text_of
from webmail.services import WebServices

STRANGER = "lan@moi.example"


@pytest.fixture(autouse=True)
def counting(services: WebServices) -> None:
    limit(services)


def limit(services: WebServices, *rules: object, **choices: chain.Choice) -> None:
    """A way out, and these rules in full force."""
    settings = chain.Settings(*rules)
    for rule in chain.RULES:
        if choice := choices.get(rule.name.replace("-", "_")):
            settings = settings.with_(rule, choice)
    chosen = chain.for_all(settings)
    services.delivery.policy = chain.standard(chosen)
    services.delivery.sending = Counting(chosen, lambda: datetime.now(UTC))
    services.delivery.outside = Queue()


def write(visitor: Visitor, again: TestResponse | None = None, **changes: Any) -> TestResponse:
    """A letter; again: the page that asked, whose hidden fields come back."""
    given = fresh(visitor) if again is None else {name: hidden(again, name) for name in ("message_id", "seen", "draft")}
    return visitor.post("/thu/soan", **{**given, **LETTER, **changes})


def queued(world: World) -> int:
    query = "SELECT count(*) FROM outbound_recipient"
    return int(world.store.db.read(lambda conn: conn.exec_driver_sql(query).scalar()) or 0)


@pytest.mark.requirement("R-027")
def test_all_that_is_odd_stands_in_one_panel_and_goes_by_a_click_of_its_own(director: Visitor, world: World) -> None:
    odd: dict[str, Any] = {"to": STRANGER, "text": "Tôi gửi kèm báo cáo."}
    asked = write(director, **odd)
    assert asked.status_code == 422 and asked.text.count('class="advice ') == 1
    said = text_of(asked)
    assert "Nơi chưa từng trao đổi thư: moi.example" in said
    assert "Chưa có tệp đính kèm" in said and "có chữ “gửi kèm”" in said
    assert "Quay lại sửa" in said and "Vẫn gửi" in said
    # The plain button is no confirmation.
    asked = write(director, asked, **odd)
    assert asked.status_code == 422 and queued(world) == 0
    # Nor does one go for what was not shown.
    other = write(director, asked, **{**odd, "to": f"{STRANGER}, x@khac.example", "do": "anyway"})
    assert other.status_code == 422 and "moi.example, khac.example" in text_of(other) and queued(world) == 0
    assert write(director, asked, **odd, do="anyway").status_code == 303
    assert queued(world) == 1
    # Now the place is known.
    assert write(director, to="hoa@moi.example").status_code == 303


def test_going_back_shows_the_form_alone_with_all_that_was_typed(director: Visitor) -> None:
    upload = (io.BytesIO(b"%PDF-1.7"), "bao-cao.pdf")
    asked = write(director, to=STRANGER, files=upload)
    assert asked.status_code == 422
    back = write(director, asked, to=STRANGER, carry=carried(asked), do="edit")
    assert back.status_code == 200
    assert 'class="advice ' not in back.text and STRANGER in back.text and "bao-cao.pdf" in back.text


WORTH_A_LOOK: tuple[tuple[dict[str, Any], str], ...] = (
    ({"text": "Đồng ý.\n\nVào 08:00, 01/02/2026, An đã viết:\n> Tôi gửi kèm báo cáo."}, ""),
    ({"text": "Báo cáo đính kèm.", "files": "a.pdf"}, ""),
    ({"text": "Please find the report attached."}, "có chữ “attached”"),
    ({"text": "Xem file  kèm nhé"}, "Chưa có tệp đính kèm"),
    ({"text": "Không liên quan: detach, tệp."}, ""),
    ({"to": "anl@sxd-hungbinh-example.test"}, "trông giống của cơ quan ta"),
    ({"subject": "[MẬT] Kế hoạch diễn tập"}, "không gửi qua hệ thống"),
    ({"subject": "V/v mật ong rừng"}, ""),
    ({"files": "anh.bin"}, ""),
)


def test_what_is_worth_a_look_is_told_and_nothing_else(director: Visitor) -> None:
    for change, said in WORTH_A_LOOK:
        files = {"files": (io.BytesIO(b"x"), change["files"])} if "files" in change else {}
        answer = write(director, **{**change, **files})
        assert answer.status_code == (422 if said else 303), change
        assert said in text_of(answer)


def test_marks_of_secrecy_are_asked_about_where_the_rule_is_off(director: Visitor, services: WebServices) -> None:
    rule = next(one for one in chain.RULES if one.name == "forbidden-classes")
    limit(services, forbidden_classes=chain.Choice(Mode.OFF, rule.start))
    asked = write(director, subject="[MẬT] Kế hoạch diễn tập")
    assert "Có dấu hiệu văn bản mật: “[MẬT]" in text_of(asked)
    assert write(director, asked, subject="[MẬT] Kế hoạch diễn tập", do="anyway").status_code == 303


def test_a_large_letter_is_asked_about(director: Visitor) -> None:
    asked = write(director, files=(io.BytesIO(bytes(6 * 1024 * 1024)), "anh.bin"))
    assert "Thư nặng 6" in text_of(asked) and "gửi tới 1 người" in text_of(asked)


def test_an_answer_to_many_is_asked_about(director: Visitor, world: World) -> None:
    letter = receive(world)
    everybody = ", ".join(f"n{one}@moi.example" for one in range(10))
    answers = f"{letter.folder_id}.{letter.uid}"
    asked = write(director, to=everybody, answers=answers)
    assert "Trả lời tới 10 người" in text_of(asked)
    assert "Trả lời tới" not in text_of(write(director, to=everybody))


def test_what_a_rule_warns_of_stands_in_the_same_panel(director: Visitor, services: WebServices, world: World) -> None:
    limit(services, bulk_mail=chain.Choice(Mode.WARN, bulk_mail.Settings(most=1)))
    odd: dict[str, Any] = {"to": f"anl, {STRANGER}"}
    asked = write(director, **odd)
    assert asked.text.count('class="advice ') == 1
    assert "Một thư gửi nhiều nhất 1 người" in text_of(asked) and "Nơi chưa từng" in text_of(asked)
    assert write(director, asked, **odd, do="anyway").status_code == 303 and queued(world) == 1


@pytest.mark.requirement("R-027")
def test_who_has_sent_enough_is_told_when_it_goes_on_beside_the_recipients(
    director: Visitor, services: WebServices, world: World
) -> None:
    limit(services, sending_rate.Settings(hour=1))
    assert write(director).status_code == 303
    refused = write(director)
    assert refused.status_code == 422
    assert "Bạn đã gửi tới mức 1 người trong một giờ; gửi tiếp được từ" in text_of(refused)
    assert len(world.uids("anl", "INBOX")) == 1


def carried(page: TestResponse) -> str:
    return page.text.partition('name="carry" value="')[2].partition('"')[0]
