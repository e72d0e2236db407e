"""`python -m deploy.tools.write_migration REVISION "message"`: draft the next migration from the tables.

Compares the tables with what the migrations so far make on an empty SQLite database. Read what it
writes before committing it; full-text objects have to be added by hand.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config

from deploy.migrate import SCRIPTS, engine_for
from mailserver.store.columns import UtcTime


def render_item(kind: str, thing: Any, context: AutogenContext) -> str | bool:
    """Write stored times as what they are in the database, so that old migrations need no code of ours."""
    return "sa.BigInteger()" if kind == "type" and isinstance(thing, UtcTime) else False


def main(revision: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_for(f"sqlite:///{Path(folder) / 'draft.sqlite3'}")
        with engine.begin() as conn:
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS))
            config.attributes["connection"] = conn
            config.attributes["render_item"] = render_item
            command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=revision)
        engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:3])
