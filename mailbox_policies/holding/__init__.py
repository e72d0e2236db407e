"""Mail that waits: held until somebody agrees, or quarantined until somebody responsible has decided.

| state | how it gets there | what becomes of the message |
|---|---|---|
| waiting | a rule's HOLD or QUARANTINE (`keeper`) | kept, octet for octet, and opened by nobody |
| released | who may decide lets it go (`deciding.release_tx`) | goes to whom it was for, as it came in (`going`) |
| refused | who may decide says no (`deciding.refuse_tx`) | the sender is told; nobody keeps it |
| withdrawn | its sender took it back (`deciding.withdraw_tx`) | nobody keeps it |
| expired | nobody decided in time (`expiry.expire`) | the sender, if one of ours, is told; nobody keeps it |
| destroyed | who may decide has it destroyed (`destroying.destroy`) | message, text and blobs are deleted at once |

Every move out of waiting happens once, whoever is quicker, and is in the audit.
"""
