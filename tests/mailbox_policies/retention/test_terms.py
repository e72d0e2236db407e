"""Until when mail is kept: days, the calendar's periods, and which folders count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_policies.retention.terms import FolderClass, Period, class_of, due_at, saved_before
from mailbox_policies.rules.retention import Settings, period_of
from mailserver.boards.kinds import BoardKind
from mailserver.store.folder_names import JUNK, TRASH
from tests.mailbox_policies.retention.shelf import TERMS, day

SHARED = [FolderClass.SCHEDULE, FolderClass.NOTICE, FolderClass.COMMENTS]
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)).map(
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("kind", "posted", "goes"),
    [
        (FolderClass.SCHEDULE, "2026-01-01", "2027-01-28"),
        (FolderClass.SCHEDULE, "2026-12-31", "2027-01-28"),
        (FolderClass.NOTICE, "2026-01-02", "2026-04-05"),
        (FolderClass.NOTICE, "2026-03-31", "2026-04-05"),
        (FolderClass.NOTICE, "2026-12-31", "2027-01-05"),
        (FolderClass.COMMENTS, "2026-02-01", "2026-03-05"),
        (FolderClass.COMMENTS, "2026-12-31", "2027-01-05"),
    ],
)
def test_what_was_posted_in_a_period_goes_in_the_first_month_of_the_next(
    kind: FolderClass, posted: str, goes: str
) -> None:
    assert due_at(TERMS, kind, day(posted, 23)) == day(goes, 0)


def test_junk_and_trash_are_kept_for_days() -> None:
    came = day("2026-03-01")
    assert due_at(TERMS, FolderClass.JUNK, came) == came + timedelta(days=30)
    assert due_at(TERMS, FolderClass.TRASH, came) == came + timedelta(days=60)


@pytest.mark.parametrize("kind", list(FolderClass))
def test_nothing_goes_where_nothing_is_set(kind: FolderClass) -> None:
    forever = Settings(junk_days=0, trash_days=0)
    assert due_at(forever, kind, day("2026-03-01")) is None
    assert saved_before(forever, kind, day("2036-03-01")) is None


@given(kind=st.sampled_from(list(FolderClass)), came=MOMENTS, by=MOMENTS, purge_day=st.integers(1, 28))
def test_what_a_query_looks_for_is_exactly_what_is_due(
    kind: FolderClass, came: datetime, by: datetime, purge_day: int
) -> None:
    terms = Settings(Period.YEAR, Period.QUARTER, Period.MONTH, purge_day)
    due, before = due_at(terms, kind, came), saved_before(terms, kind, by)
    assert due is not None
    assert before is not None
    assert (due <= by) == (came < before)


@pytest.mark.parametrize(
    ("name", "use", "personal", "found"),
    [
        ("Thông báo", None, False, FolderClass.NOTICE),
        ("Thông báo/Công đoàn/2026", None, False, FolderClass.NOTICE),
        ("THÔNG BÁO", None, False, FolderClass.NOTICE),
        ("Thông báo cũ", None, False, None),
        ("Lịch công tác/Giám đốc", None, False, FolderClass.SCHEDULE),
        ("Lấy ý kiến", None, False, FolderClass.COMMENTS),
        ("Cũ/Thông báo", None, False, None),
        ("Thông báo", None, True, None),
        ("Junk", JUNK, True, FolderClass.JUNK),
        ("Rác", TRASH, False, FolderClass.TRASH),
        ("INBOX", None, False, None),
    ],
)
def test_which_folders_count(name: str, use: str | None, personal: bool, found: FolderClass | None) -> None:
    assert class_of(TERMS, name, use, personal=personal) is found


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (BoardKind.SCHEDULE, FolderClass.SCHEDULE),
        (BoardKind.NOTICE, FolderClass.NOTICE),
        (BoardKind.COMMENTS, FolderClass.COMMENTS),
        *((kind, None) for kind in (BoardKind.OPEN, BoardKind.CIRCLE, BoardKind.DOCUMENTS, BoardKind.OTHER)),
    ],
)
def test_of_a_shared_folder_its_kind_decides_and_not_its_name(kind: BoardKind, found: FolderClass | None) -> None:
    for name in ("Tin của chi đoàn", "Thông báo", "Lấy ý kiến/Lịch công tác"):
        assert class_of(TERMS, name, None, kind.value, personal=False) is found


def test_a_regulations_days_are_a_period() -> None:
    found = [period_of(days) for days in (0, 30, 31, 90, 92, 365, 366)]
    months, quarters = [Period.MONTH] * 2, [Period.QUARTER] * 2
    assert found == [Period.NEVER, *months, *quarters, Period.YEAR, Period.YEAR]
