"""Kiểm tra hộp thư: leaders have somebody's mail looked at, by an order (123/QĐ-SCT, Điều 9; DOMAIN 2.9).

One leader orders, another person confirms, inspectors named in the order read; nobody else, and no administrator,
ever opens another's mail so. What the order reaches is a list of messages made when it is given (`gathering`), held
from then on whatever the owner deletes. Inspectors read that list and never a folder: flags, unread marks, \\Recent
and modseq of the mailbox cannot change. Every look is a record of the audit (`reading`), and the minutes are made of
those records (`minutes`).
"""
