"""One kill inside a migration; by hand the script has more, and kills backups and restores too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import upgrade_kill


@pytest.mark.timeout(240)
def test_a_killed_migration_leaves_the_old_schema_or_the_new_one(tmp_path: Path) -> None:
    (result,) = upgrade_kill.run(tmp_path, kills=1, database=str, commands=["migrate"])
    assert result["clean"], result
