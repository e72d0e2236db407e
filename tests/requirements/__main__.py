"""Run every test that proves a demand of the regulations and write docs/requirements.md.

    python -m tests.requirements [--numprocesses N] [--report FILE]

With --report nothing is run: the outcomes are those of a run that has been, of the whole suite say, which was given
`-o junit_family=xunit1 --junitxml=FILE`.
Exit status 1 if a test failed; the page is written all the same and says which.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from tests.requirements.demands import TOP, chapters, proofs
from tests.requirements.page import PAGE, write


def main() -> int:
    """Run, write, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numprocesses", default="2")
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    marked = proofs()
    if asked.report:
        outcomes = _outcomes(asked.report)
    else:
        outcomes = _run([proof.test for proof in marked], asked.numprocesses) if marked else {}
    PAGE.write_text(write(chapters(), marked, outcomes), encoding="utf-8")
    failed = [proof.test for proof in marked if not outcomes.get(proof.test)]
    print(f"{len(marked)} tests, {len(failed)} not passed: {PAGE.relative_to(TOP)}")
    return 1 if failed else 0


def _run(tests: list[str], processes: str) -> dict[str, bool]:
    """Whether each test passed, all of its parameters together."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-m", "requirement", f"--numprocesses={processes}"]
        options = ["--dist=loadfile", "-o", "junit_family=xunit1", f"--junitxml={report}"]
        files = sorted({test.partition("::")[0] for test in tests})
        subprocess.run([*command, *options, *files], cwd=TOP, check=False)
        return _outcomes(report)


def _outcomes(report: Path) -> dict[str, bool]:
    ended: dict[str, bool] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        test = f"{case.get('file')}::{str(case.get('name')).partition('[')[0]}"
        passed = not any(case.iter("failure")) and not any(case.iter("error")) and not any(case.iter("skipped"))
        ended[test] = ended.get(test, True) and passed
    return ended


if __name__ == "__main__":
    sys.exit(main())
