"""Lấy ý kiến: somebody asks some people for their comments on a draft, with a question, files and a due moment.

132/QĐ-STTTT, Điều 7 khoản 5; 123/QĐ-SCT, Điều 7 khoản 2; DOMAIN 2.3 (C1–C4). Each who is asked gets a mail of their
own, and answers by replying to it or on the web page; nothing is posted in a shared folder. The whole agency is asked
in the folder Lấy ý kiến, by whom a leader has assigned (`routing.boards`).

Read in this order: `states` (who may do what, when), `requests`, `asking`, `answering`, `deciding`, `reminding`.
"""
