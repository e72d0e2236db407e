"""How long mail is kept: what goes by itself, who is told before, what stays, and for whom it can come back.

| stage | by | in which modes of the rule |
|---|---|---|
| listed: its day is at most two weeks off | `listing` | trial, warn, enforce |
| told: whose it is gets a letter with the list, at least 7 days before | `telling` | warn, enforce |
| extended: who was told asks, an administrator decides (132/QĐ-STTTT, Điều 7) | `extensions` | warn, enforce |
| removed: told of 7 days ago, its day has come, nothing holds it | `removing` | enforce |
| in the vault: its owner takes it back (`mailserver/store/vault.py`) | `forgetting` ends it | always |

Never touched: what a register, a queue or a decision holds (`message.pins`) and what is kept under an order (`holds`).
Each stage is a set of short transactions that leave what is done in the tables, so a worker that is killed anywhere
goes on behind it (`job`).
"""
