"""Who really sent this: SPF, DKIM and DMARC of mail from outside, and DKIM signatures for ours.

`judge.Judge` finds out about one message; `results.Results` is what it found; `header` writes it into
the message. `signing` signs with the keys of `keys`. What follows from a result is a policy's to say.
"""
