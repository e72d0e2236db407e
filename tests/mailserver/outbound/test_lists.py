"""Letters by lists to members elsewhere, as their servers get them, and what comes back."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from mailserver.actor import SYSTEM
from mailserver.delivery.envelope import Notify, Wish, Wishes
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_lists import Role, Settings
from mailserver.store.database import Tx
from tests.mailserver.outbound.conftest import LETTER, Sinks, World

LIST = "thongbao@sct.test"


@pytest.mark.requirement("R-027")
async def test_members_elsewhere_get_the_letter_whole_and_the_owner_hears_once_of_those_who_do_not(
    world: World, sinks: Sinks
) -> None:
    def make_tx(tx: Tx) -> None:
        list_id = mailing_changes.create_tx(tx, world.office.agency_id, "T", "thongbao", Settings(takes_outside=True))
        for name in ("ba", "tu", "nam"):
            mailing_changes.add_tx(tx, list_id, Wanted(outsider=f"{name}@far.test"))
        mailing_changes.give_role_tx(tx, list_id, world.office.ids["chi"], Role.OWNER)

    world.store.db.write(make_tx, SYSTEM)
    sink = await sinks.open(rcpt={f"{name}@far.test": "550 5.1.1 no such user" for name in ("ba", "tu")})
    # What the writer wants to hear of ends at the list (RFC 3461 §5.2.7).
    wish = Wish(frozenset({Notify.SUCCESS, Notify.FAILURE}))
    letter = LETTER.replace(b"ba@far.test", LIST.encode())
    world.send(LIST, data=letter, wishes=Wishes(envid="x", of={LIST: wish}))
    await world.work_off(sink.port)
    (got,) = sink.got
    assert (got.sender, got.recipients) == ("chi@sct.test", ("nam@far.test",))
    assert got.octets.endswith(letter) and got.octets.startswith(b'List-Id: "T" <thongbao.sct.test>\r\n')
    assert not any("NOTIFY" in command or "ENVID" in command for command in sink.commands)
    (report,) = map(message_from_bytes, world.office.mail("chi"))
    assert report["To"] == "chi@sct.test" and report.get_content_type() == "multipart/report"
    assert all(f"{name}@far.test" in report.as_string() for name in ("ba", "tu"))
    # The writer hears that the list has it, and nothing of its members.
    (told,) = map(message_from_bytes, world.office.mail("an"))
    assert LIST in told.as_string() and "far.test" not in told.as_string()
