"""Accepting mail for mailboxes of ours, and sending mail that our people write.

`delivery.Delivery` takes what a door received; `submission.submit` is the one service for mail that a
person sends. Errors are in `errors`; each door turns them into its own answers.
"""
