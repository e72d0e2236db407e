"""Bì không bóc: envelopes that the registry hands over, and their receipts."""
