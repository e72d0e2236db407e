"""The compiled modules of the programs that tests start."""

from __future__ import annotations

import os
from pathlib import Path


def keep_below(folder: Path) -> None:
    """Let programs started from here keep what they have compiled, below `folder`, where they may keep it nowhere else.

    Else each of some three hundred compiles every module anew, which takes longer than what it is started for.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(folder / "bytecode"))
