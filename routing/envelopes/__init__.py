"""Vỏ bì: letters that are handed over unopened, of which the system keeps what stands on the envelope and a receipt.

Letters to a person alone (gửi đích danh) are never scanned (04/2017/QĐ-UBND, Điều 4 khoản 4). Secret documents are not
in the system at all (1201/QĐ-SYT, Điều 3 khoản 5); where a profile allows it their envelope is noted, without a
number: their numbers come from a paper book, whose range the registry declares (`ranges`).
"""
