"""What the people who share a mailbox do with its mail: who has taken what, and what becomes of it.

123/QĐ-SCT, Điều 6 khoản 2: a message to a unit is dealt with by the head, or by whom the head has authorised, or
passed to the person responsible. `states` is the table of moves, `acts` carries them out, `behaviours` turns moves
between folders into acts, `queue` shows where things stand, `ageing` reminds.
"""
