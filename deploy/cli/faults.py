"""What a command meets at the disk and the database, told in one sentence instead of a traceback."""

from __future__ import annotations

import errno

from deploy.cli.refusals import Refused
from deploy.lang import t


def told(fault: Exception) -> Refused | None:
    """The end of the command for a fault of what it works on; None for one of the program's own."""
    from deploy import oswords
    from deploy.beginning import CannotBegin
    from deploy.install import RestoreUnfinished
    from deploy.lock import AlreadyRunning
    from deploy.migrate import WrongSchema
    from mailserver.store.errors import StoreError, StoreFull, StoreUnavailable
    from mailserver.store.failures import of_database

    if isinstance(fault, RestoreUnfinished | WrongSchema | AlreadyRunning | CannotBegin):
        return Refused(str(fault))
    if isinstance(fault, OSError):
        return None if fault.errno == errno.EPIPE else Refused(oswords.sentence(fault))
    if isinstance(fault, StoreError) and not isinstance(fault, StoreUnavailable | StoreFull):
        return Refused(f"{type(fault).__name__}: {fault}")
    if isinstance(fault, StoreError) or of_database(fault):
        return Refused(_unusable(getattr(fault, "orig", None) or fault))
    return None


def _unusable(fault: BaseException) -> str:
    """That the store cannot be used, and the first line of why."""
    why = str(fault).partition("\n")[0].rstrip(".")
    return t(f"Không dùng được kho dữ liệu: {why}.", f"The store cannot be used: {why}.")
