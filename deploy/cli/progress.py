"""Progress bars for work that takes a while; silent where nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploy.lang import t

NAMES = {
    "database": t("Cơ sở dữ liệu", "Database"),
    "blobs": t("Tệp lớn", "Large files"),
    "messages": t("Thư", "Messages"),
    "people": t("Tài khoản", "Accounts"),
    "mail": t("Thư mẫu", "Sample mail"),
    "audit": t("Nhật ký", "Audit"),
    "documents": t("Văn bản mẫu", "Sample documents"),
}


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A function to call with what is being done, how much of it, of how much."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(NAMES.get(what, what), total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield tell
