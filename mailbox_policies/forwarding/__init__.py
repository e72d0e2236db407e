"""Forwarding asks (123/QĐ-SCT, Điều 9): what of others' mail a letter passes on, to whom, and who agreed.

`trail`: what a letter shows of the mail it was made from. `finding`: which messages those are.
`weighing`: what of it counts, and for which new readers.
"""
