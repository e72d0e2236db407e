"""What a fault procedure found against its pass figures, and the exit status that follows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One pass figure: what was measured, what was wanted (in words), whether it was met."""

    measured: object
    wanted: str
    met: bool


@dataclass
class Report:
    """The figures of one run, by name."""

    procedure: str
    figures: dict[str, Figure] = field(default_factory=dict)

    def require(self, name: str, measured: object, met: bool, wanted: str) -> None:
        """Add a pass figure; one that is required twice stays missed once it was missed."""
        before = self.figures.get(name)
        if before is None or before.met:
            self.figures[name] = Figure(measured, wanted, met)

    def note(self, name: str, measured: object) -> None:
        """A figure that is told and judges nothing."""
        self.figures[name] = Figure(measured, "-", True)

    @property
    def missed(self) -> dict[str, Figure]:
        return {name: figure for name, figure in self.figures.items() if not figure.met}

    def tell(self) -> int:
        """Print a line for each figure and one JSON object; the exit status of the program."""
        for name, figure in self.figures.items():
            print(f"{'ok    ' if figure.met else 'MISSED'} {name}: {figure.measured} (wanted: {figure.wanted})")
        values = {name: figure.measured for name, figure in self.figures.items()}
        print(json.dumps({"procedure": self.procedure, "missed": sorted(self.missed), **values}, default=str))
        return 1 if self.missed else 0
