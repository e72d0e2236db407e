"""`vanthu queue …` over an installation that is not running."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy import stores
from deploy.cli import main
from deploy.config import load
from mailserver.actor import Actor
from mailserver.delivery.outside import Parcel
from mailserver.outbound.parcels import enqueue_tx
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from tests.e2e.product import Product
from tests.support.mail import letter


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "queue", *words], catch_exceptions=False)


@pytest.fixture
def queued(product: Product) -> Product:
    """Two messages wait, for one and for two recipients."""
    store = stores.open_store(load(product.config))

    def work(tx: Tx) -> None:
        for number in (1, 2):
            message_pk = store_message_tx(tx, prepare(letter(number=number), store.blobs))
            to = tuple(f"nguoi{k}@far.test" for k in range(number))
            enqueue_tx(tx, Parcel(message_pk, "an@sxd.test", to, f"id.{number}", f"{number}@so.example.vn", 400))

    store.db.write(work, Actor(None, None, "smtp"))
    store.close()
    return product


def test_what_waits_is_listed_and_shown(queued: Product) -> None:
    listed = run(queued.config, "list").stdout
    assert "1  " in listed
    assert listed.count("nguoi0@far.test") == 2
    assert "2 thư đang chờ." in listed
    shown = run(queued.config, "show", "2").stdout
    assert "nguoi1@far.test  đang chờ, 0 lần" in shown
    assert "vào hàng đợi" in shown
    missing = run(queued.config, "show", "99")
    assert (missing.exit_code, "99" in missing.stderr) == (1, True)


def test_hold_release_retry_delete(queued: Product) -> None:
    assert "Xong, 3 người nhận." in run(queued.config, "hold", "1", "2").stdout
    assert run(queued.config, "list").stdout.count("đang giữ") == 3
    assert "Xong, 1 người nhận." in run(queued.config, "release", "1").stdout
    assert "Xong, 1 người nhận." in run(queued.config, "retry", "1").stdout
    assert "cho 1 người nhận" in run(queued.config, "retry", "--all").stdout
    assert "Xong, 2 người nhận." in run(queued.config, "delete", "2").stdout
    assert "1 thư đang chờ." in run(queued.config, "list").stdout
    shown = run(queued.config, "show", "2").stdout
    assert shown.index("giữ lại") < shown.index("  bỏ  ")
    assert run(queued.config, "hold", "1", "77").exit_code == 1
    assert run(queued.config, "list").stdout.count("đang giữ") == 0


def test_a_message_is_traced_by_its_id(queued: Product) -> None:
    told = run(queued.config, "trace", "<1@so.example.vn>").stdout
    assert "nguoi0@far.test" in told
    assert "vào hàng đợi" in told
    assert run(queued.config, "trace", "nobody@so.example.vn").exit_code == 1
