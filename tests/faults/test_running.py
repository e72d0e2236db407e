"""Procedures that need a running server, one after the other on one installation, with small numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.processes import patience
from mailserver.imap.settings import ImapSettings
from mailserver.smtp.settings import SmtpSettings
from tests.e2e.product import Product
from tests.faults import db_lock, idle_restart, postgres_restart, slowloris
from tests.faults.installed import installed
from tests.support.databases import database_of
from tests.support.postgres import Cluster

pytestmark = pytest.mark.timeout(240)
# Nobody knows how busy the machine is that runs these: what is judged here is what is lost.
STRETCH = 6.0
STOPPED = ("dung1", "dung2")


@pytest.fixture(scope="module")
def product(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    names = [*db_lock.NAMES, *postgres_restart.NAMES, postgres_restart.WAITING, *STOPPED, *slowloris.NAMES]
    with (
        database_of(dialect, request) as database,
        installed(tmp_path_factory.mktemp("faults"), names, database) as one,
    ):
        yield one


def test_a_locked_database_costs_waiting_and_no_mail(product: Product) -> None:
    result = db_lock.procedure(product, hold_s=1.5, connections=6, stretch=STRETCH).result
    assert result["clean"], result
    # Taking all locks at once may end in a deadlock with a delivery, which PostgreSQL ends at somebody's cost.
    assert product.database or result["refused"] == {}, "so long is waited"


@pytest.mark.database("postgresql")
def test_a_restart_of_postgresql_loses_nothing_and_needs_none_of_ours(product: Product, cluster: Cluster) -> None:
    def restart(mode: str) -> None:
        cluster.run("restart", "-m", mode)

    result = postgres_restart.procedure(product, restart, postgres_restart.MODES, 8, STRETCH).result
    assert result["clean"], result


@pytest.mark.database("sqlite")
def test_slow_clients_keep_nobody_waiting(product: Product) -> None:
    result = slowloris.procedure(product, each=20, seconds=2.0, stretch=STRETCH).result
    assert result["clean"], result


def test_slow_clients_are_cut_in_time() -> None:
    """What the long run of the script measures. A request's header is looked at once, its body again and again."""
    assert SmtpSettings("mx.test", Path()).idle_timeout <= slowloris.CUT_WITHIN["smtp"]
    assert ImapSettings().login_timeout <= slowloris.CUT_WITHIN["imap"]
    assert slowloris.CUT_WITHIN["web"] >= 2 * patience.REQUEST_S


@pytest.mark.database("sqlite")
def test_a_stop_is_told_to_everybody_and_loses_nothing(product: Product) -> None:
    result = idle_restart.procedure(product, STOPPED, idlers=20, silent=0, stretch=STRETCH).result
    assert result["clean"], result
