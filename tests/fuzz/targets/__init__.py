"""The targets; imported one at a time, because the fuzzer instruments what they import."""
