"""Fuzzing led by coverage (atheris), of everything that reads what strangers send.

`python -m tests.fuzz --list` names the targets, `python -m tests.fuzz mime --minutes 10` runs one.
A target (`targets/`, one file each) is a function of octets that raises for a fault of ours; what the
parsers may raise by their contract it catches itself. `test_targets.py` runs each over its seeds, the
inputs that once broke it (`found/`) and some mutations that are always the same.
"""
