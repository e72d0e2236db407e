"""`vanthu` whose worker does not keep anybody waiting: `python -m tests.faults.hurried --config FILE serve`.

Everything is the product's own but for periods that nobody would want to wait for in a test: jobs that come round
once a minute or an hour do so three times a second.
"""

from __future__ import annotations

from deploy.cli import main
from deploy.config import Settings
from deploy.processes import worker
from deploy.processes.worker import Task

EVERY_S = 0.3

_tasks = worker.tasks


def hurried(settings: Settings) -> list[Task]:
    own = _tasks(settings)
    for task in own:
        task.every_s, task.due = min(task.every_s, EVERY_S), 0.0
    return own


if __name__ == "__main__":
    worker.tasks = hurried
    worker.SHORTEST_PAUSE_S = EVERY_S
    main()
