"""Which test proves which demand of the office regulations; `python -m tests.requirements` writes the list."""
