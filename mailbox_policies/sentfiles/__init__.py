"""Files that people hand over through the system (1201/QĐ-SYT, Điều 9 khoản 2): each kept in pieces, for some days.

| state | becomes | by |
|---|---|---|
| coming: pieces are added | ready, once it is whole and the rules let it pass; its recipients are told | `handing` |
| | gone ("refused": a rule refuses it; "abandoned": not sent in `ending.COMING_FOR`) | `handing`, `ending` |
| ready: recipients fetch it | stopped, by its sender | `ending` |
| | gone ("expired") | `ending` |
| stopped: nobody fetches it | ready again, by its sender | `ending` |
| | gone ("withdrawn": after `ending.REGRET`; "expired") | `ending` |
| gone: what is left is who had it | | |

A piece is a blob of the store, durable before the row that counts it, so a killed process loses at most the piece
under way: who sends goes on behind the last one that was counted. With the step to "gone" the pieces are let go in the
same transaction, and the store's collector deletes what is nobody's (`mailserver/store/collect.py`). Who may see and
fetch a file is `reading.may_fetch`. People outside fetch it by links, whose states are in `links`.
"""
