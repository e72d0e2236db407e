"""Retention from the list to the vault: who is told, when, once; what stays; broken off anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbox_policies.modes import Mode
from mailserver.actor import SYSTEM
from mailserver.store import fsck, raw, vault
from mailserver.store.behaviours import Passing
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from mailserver.store.errors import MoveRefused
from mailserver.store.messages import pin_tx
from mailserver.store.store import Store
from tests.mailbox_policies.retention.shelf import TERMS, audited, day, letters, put, rows, run, subjects
from tests.routing.world import World, build

# Thông báo of the first quarter goes on 5 April; Lấy ý kiến of March too; Lịch of 2025 on 28 January.
LISTED, GONE = day("2026-03-24"), day("2026-04-06")


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def sound(world: World) -> bool:
    return fsck.check(world.store.db, world.store.blobs) == []


def test_a_quarters_notices_are_told_of_then_removed_and_the_next_quarters_stay(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    put(world, "sxd", "Thông báo/Công đoàn", "Thăm hỏi", day("2026-03-20"))
    put(world, "sxd", "Thông báo", "Quý hai", day("2026-04-01"))
    put(world, "sxd", "Báo cáo", "Không phải thông báo", day("2020-01-01"))
    put(world, "lamhs", "Thông báo", "Của riêng", day("2020-01-01"))
    assert run(world, day("2026-03-20")).letters == 0
    assert run(world, LISTED).letters == 2  # the poster, and the office
    assert run(world, LISTED + timedelta(days=1)).letters == 0
    assert letters(world, "lamhs") == ["2 thư sắp hết hạn lưu"]
    assert run(world, day("2026-04-04")).removed == 0
    assert run(world, GONE).removed == 2
    assert run(world, GONE) == run(world, GONE + timedelta(hours=1))
    assert subjects(world, "sxd", "Thông báo") == ["Quý hai"]
    assert subjects(world, "sxd", "Thông báo/Công đoàn") == []
    assert subjects(world, "sxd", "Báo cáo") == ["Không phải thông báo"]
    assert subjects(world, "lamhs", "Thông báo") == ["Của riêng"]
    assert audited(world, "retention.removed") == 2
    assert sound(world)


def test_calendars_go_in_january_and_requests_for_comments_the_month_after(world: World) -> None:
    put(world, "sxd", "Lịch công tác/Giám đốc", "Lịch tháng 3", day("2025-02-27"))
    put(world, "sxd", "Lấy ý kiến", "Góp ý dự thảo", day("2025-12-30"))
    run(world, day("2025-12-31"))
    assert run(world, day("2026-01-08")).removed == 1
    assert subjects(world, "sxd", "Lấy ý kiến") == []
    for moment, gone in ((day("2026-01-16"), 0), (day("2026-01-27"), 0), (day("2026-01-28"), 1)):
        assert run(world, moment).removed == gone
    assert subjects(world, "sxd", "Lịch công tác/Giám đốc") == []


def test_junk_and_trash_of_everybody_go_after_their_days(world: World) -> None:
    for who in ("lamhs", "qhkt"):
        put(world, who, "Junk", "Quảng cáo", day("2026-03-01"))
        put(world, who, "Trash", "Đã bỏ", day("2026-03-01"))
    run(world, day("2026-03-20"))
    assert letters(world, "lamhs") == letters(world, "qhkt") == ["1 thư sắp hết hạn lưu"]
    assert run(world, day("2026-03-31")).removed == 2
    assert subjects(world, "lamhs", "Junk") == subjects(world, "qhkt", "Junk") == []
    assert subjects(world, "lamhs", "Trash") == ["Đã bỏ"]
    run(world, day("2026-04-17"))
    assert run(world, day("2026-05-01")).removed == 2


def test_nobody_loses_what_came_too_late_to_be_told_of(world: World) -> None:
    put(world, "sxd", "Thông báo", "Phút chót", day("2026-03-31"))
    assert run(world, GONE).removed == 0
    assert run(world, GONE + timedelta(days=6)).removed == 0
    assert run(world, GONE + timedelta(days=7)).removed == 1


def test_one_letter_a_week_names_all_that_is_due_by_then(world: World) -> None:
    for number in range(30):
        put(world, "lamhs", "Junk", f"Rác {number}", day("2026-03-01") + timedelta(days=number))
    sent = [run(world, day("2026-03-16") + timedelta(days=at)).letters for at in range(28)]
    assert sum(sent) == 4
    assert all(subject.endswith("thư sắp hết hạn lưu") for subject in letters(world, "lamhs"))
    assert subjects(world, "lamhs", "Junk") == [f"Rác {number}" for number in range(13, 30)]


@pytest.mark.parametrize(
    ("mode", "listed", "told"), [(Mode.OFF, 0, 0), (Mode.TRIAL, 1, 0), (Mode.WARN, 1, 2), (Mode.ENFORCE, 1, 2)]
)
def test_how_far_each_mode_goes(world: World, mode: Mode, listed: int, told: int) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    assert run(world, LISTED, mode).letters == told
    assert len(rows(world, "SELECT id FROM retention_item")) == listed
    done = run(world, GONE, mode)
    assert (done.letters, done.removed) == (0, int(mode is Mode.ENFORCE))


def test_what_was_only_listed_is_told_of_before_it_goes(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    run(world, LISTED, Mode.TRIAL)
    assert run(world, GONE).removed == 0
    assert run(world, GONE + timedelta(days=7)).removed == 1


def test_a_longer_time_takes_mail_off_the_list(world: World) -> None:
    put(world, "lamhs", "Junk", "Quảng cáo", day("2026-03-01"))
    run(world, day("2026-03-20"))
    longer = replace(TERMS, junk_days=90)
    assert run(world, day("2026-04-06"), terms=longer).removed == 0
    assert rows(world, "SELECT id FROM retention_item") == []
    run(world, day("2026-05-25"), terms=longer)
    assert run(world, day("2026-06-02"), terms=longer).removed == 1


def test_registered_mail_and_mail_that_waits_is_never_touched(world: World) -> None:
    uid = put(world, "sxd", "Thông báo", "Đã vào sổ", day("2026-02-10"))
    put(world, "sxd", "Thông báo", "Vào sổ sau", day("2026-02-10"))
    folder_id = world.folder("sxd", "Thông báo")

    def pin(at: int) -> None:
        def work(tx: Tx) -> None:
            query = "SELECT message_pk FROM entry WHERE folder_id = ? AND uid = ?"
            pin_tx(tx, raw.rows(tx.conn, query, (folder_id, at))[0][0])

        world.store.db.write(work, SYSTEM)

    pin(uid)
    run(world, LISTED)
    assert len(rows(world, "SELECT id FROM retention_item")) == 1
    pin(uid + 1)
    assert run(world, GONE).removed == 0
    assert subjects(world, "sxd", "Thông báo") == ["Đã vào sổ", "Vào sổ sau"]


def test_mail_that_was_moved_away_or_deleted_meanwhile_is_no_matter(world: World) -> None:
    put(world, "lamhs", "Trash", "Cần giữ", day("2026-02-01"))
    put(world, "lamhs", "Trash", "Xóa luôn", day("2026-02-01"))
    run(world, day("2026-03-20"))
    world.move("lamhs", "Trash", 1, "Archive", "lamhs")
    world.expunge("lamhs", "Trash", 2, "lamhs")
    assert run(world, day("2026-04-10")).removed == 0
    assert subjects(world, "lamhs", "Archive") == ["Cần giữ"]


def test_the_vault_lets_go_after_its_days_and_the_blobs_are_freed(world: World) -> None:
    put(world, "lamhs", "Junk", "Quảng cáo", day("2026-03-01"))
    before = rows(world, "SELECT count(*) FROM message")[0][0]
    run(world, day("2026-03-20"))
    run(world, day("2026-04-06"))
    world.store.db.write(_removed_on(day("2026-04-06").timestamp()), SYSTEM)
    assert run(world, day("2026-05-05")).forgotten == 0
    collect_garbage(world.store.db, world.store.blobs, timedelta(seconds=-60))
    assert rows(world, "SELECT count(*) FROM message")[0][0] == before + len(letters(world, "lamhs"))
    assert run(world, day("2026-05-07")).forgotten == 1
    assert audited(world, "retention.forgotten") == 1
    collect_garbage(world.store.db, world.store.blobs, timedelta(seconds=-60))
    assert rows(world, "SELECT count(*) FROM message")[0][0] == before - 1 + len(letters(world, "lamhs"))
    assert sound(world)


def _removed_on(seconds: float) -> Callable[[Any], object]:
    return lambda tx: raw.run(tx.conn, "UPDATE removed_entry SET removed_at = ?", (int(seconds * 1000),))


class Killed(BaseException):
    """As a process ends between two instructions."""


def test_killed_after_any_step_nobody_is_told_twice_and_nothing_goes_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        put(world, "lamhs", "Junk", f"Rác {number}", day("2026-03-01"))
        put(world, "sxd", "Thông báo", f"Tin {number}", day("2026-02-10"))
        put(world, "qhkt", "Trash", f"Bỏ {number}", day("2026-02-01"))
    write, deaths = world.store.db.write, 0
    for moment in (LISTED, GONE):
        # Each life is one transaction longer than the last; before and after a commit in turn.
        for alive_for in range(100):
            left = alive_for // 2

            def write_or_die(work: Callable[[Any], Any], actor: Any, before: bool = alive_for % 2 == 0) -> Any:
                nonlocal left
                left -= 1
                if left < 0 and before:
                    raise Killed
                done = write(work, actor)
                if left < 0:
                    raise Killed
                return done

            monkeypatch.setattr(world.store.db, "write", write_or_die)
            try:
                run(world, moment)
            except Killed:
                deaths += 1
            else:
                break
            finally:
                monkeypatch.undo()
    assert deaths > 20
    assert letters(world, "qhkt") == ["2 thư sắp hết hạn lưu"]
    assert letters(world, "lamhs") == ["4 thư sắp hết hạn lưu"]  # as poster and as owner
    left_over = [subjects(world, *place) for place in (("lamhs", "Junk"), ("sxd", "Thông báo"), ("qhkt", "Trash"))]
    assert left_over == [[], [], []]
    assert rows(world, "SELECT count(DISTINCT message_pk), count(*) FROM removed_entry")[0] == (6, 6)
    assert sound(world)


class Refusing:
    """A folder that lets nothing out."""

    def entering(self, tx: Tx, passing: Passing) -> None: ...

    def leaving(self, tx: Tx, passing: Passing) -> None:
        raise MoveRefused("Không được.")


def test_a_folder_that_refuses_keeps_the_others_from_nothing(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    put(world, "sxd", "Lấy ý kiến", "Góp ý", day("2026-03-10"))
    run(world, LISTED)
    here = world.folder("sxd", "Thông báo")
    world.store.db.behaviours = {**world.store.db.behaviours, "test.refusing": Refusing()}
    query = "UPDATE folder SET behaviour = 'test.refusing' WHERE id = ?"
    world.store.db.write(lambda tx: raw.run(tx.conn, query, (here,)), SYSTEM)
    assert run(world, GONE).removed == 1
    assert (subjects(world, "sxd", "Thông báo"), subjects(world, "sxd", "Lấy ý kiến")) == (["Nghỉ lễ"], [])


def test_who_gets_no_letter_any_more_keeps_nothing_from_going(world: World) -> None:
    put(world, "lamhs", "Junk", "Quảng cáo", day("2026-03-01"))
    world.store.db.write(
        lambda tx: raw.run(tx.conn, "UPDATE principal SET status = 'left' WHERE id = ?", (world.id("lamhs"),)), SYSTEM
    )
    assert run(world, day("2026-03-20")).letters == 0
    assert run(world, day("2026-04-06")).removed == 1
    assert world.store.db.read(lambda conn: vault.found_in(conn, world.id("lamhs")))[1] == 1
