"""Ủy quyền: the head of a unit, or who holds a post, lets somebody work in its mailbox for a time (DOMAIN 2.5).

Nobody shares a password (04/2017/QĐ-UBND, Điều 11 khoản 3), and nobody passes on what was given to them: only
whoever leads by office gives (123/QĐ-SCT, Điều 6 khoản 2; 30/2020/NĐ-CP, Điều 13 khoản 3). Where the profile says so
leaders must agree first, and the agency is told (132/QĐ-STTTT, Điều 4 khoản 5, Điều 11).
"""
