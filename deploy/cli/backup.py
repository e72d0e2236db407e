"""`vanthu backup` and `vanthu restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from deploy.cli.base import Cli, say
from deploy.cli.progress import bars
from deploy.cli.refusals import Refused
from deploy.lang import t


@click.command(
    help=t(
        "Sao lưu toàn bộ vào thư mục TARGET (mới hoặc trống); máy chủ vẫn chạy.",
        "Back everything up into the folder TARGET (new or empty); the server may be running.",
    )
)
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def backup(cli: Cli, target: Path) -> None:
    from deploy.backup import making

    with cli.store():
        pass  # tells a missing, newer or unfinished database before anything is written
    with _told(), bars() as progress:
        count = making.make(cli.settings, target.absolute(), progress)
    say(
        f"Đã sao lưu vào {target}: cơ sở dữ liệu, {count} tệp lớn.",
        f"Backed up to {target}: database, {count} large files.",
    )


@click.command(
    help=t(
        "Phục hồi bản sao lưu SOURCE vào một nơi còn trống; máy chủ phải dừng.",
        "Restore the backup SOURCE into an empty place; the server must not be running.",
    )
)
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_obj
def restore(cli: Cli, source: Path) -> None:
    from deploy import lock
    from deploy.backup import restoring

    with _told(), lock.alone(cli.settings), bars() as progress:
        count = restoring.restore(cli.settings, source.absolute(), progress)
    say(f"Đã phục hồi {count} tệp lớn và cơ sở dữ liệu.", f"Restored {count} large files and the database.")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is wrong with a backup into one sentence; for disk and database see `faults`."""
    from deploy.backup.making import NotEmpty
    from deploy.backup.manifest import BackupBroken

    try:
        yield
    except (NotEmpty, BackupBroken) as fault:
        raise Refused(str(fault)) from fault
