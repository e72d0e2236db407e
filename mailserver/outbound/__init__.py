"""Mail for other servers: a durable queue, and the process that empties it.

`parcels` takes a message into the queue in the transaction that delivers it inside; `sender` is the loop of
the outbound process; `queue` hands out work and takes the outcome. A recipient is in one of the states of
`states.State`; whatever fails, its row stays until its end is known and told. The destination of mail under an address
elsewhere (`mailserver.directory.external`) is not a domain but the one server that sends for that address.

What fails, whom it hits, what follows (`outcomes` reads replies, `schedule` says when):

| failure | hits | follows |
|---|---|---|
| domain does not exist, null MX (RFC 7505), we are its best MX | all of the domain | failed |
| DNS does not answer | all of the domain | tried again |
| no host reached, greeting or EHLO not 2xx, TLS or sign-in fails | all of the transaction | next host, later again |
| nobody can tell whether there are TLSA records (RFC 7672 §2.1.2) | all of the host | next host, later again |
| a host shows no certificate that its TLSA records name (RFC 7672 §2.2) | all of the host | next host, later again |
| an enforced MTA-STS policy names no host (RFC 8461 §5) | all of the domain | tried again: never in the clear |
| a policy cannot be fetched | – | the last one holds, or none (RFC 8461 §3.3) |
| 5xx to MAIL, to the data | all of the transaction | failed |
| 5xx to RCPT | that recipient | failed |
| 452 or 552 to RCPT after others were taken (RFC 5321 §4.5.3.1.10) | that recipient | tried again at once |
| 4xx anywhere | who it answers | tried again |
| the connection ends, also after the final dot | who has no answer yet | tried again: rather twice than never |
| a connection that has carried a letter has ended, or MAIL has 4xx by it | – | at once by a new one |
| larger than the remote's SIZE (RFC 1870 §6.1) | all of the transaction | failed |
| octets above 127 and no 8BITMIME (RFC 6152 §3) | all of the transaction | failed: nothing is ever rewritten |
| address outside ASCII and no SMTPUTF8 (RFC 6531 §3.2) | all of the transaction | failed |
| nothing is sent for the sender's address elsewhere any more | all of the message | failed |
| our database, disk, or process | – | the lease runs out, then tried again |

"Tried again" is after 5, 10, 20, 40, 80, 160 and then every 240 minutes; a domain of which no host was reached rests
besides. After four hours the sender hears of the delay, after five days the recipient has failed. A failure is told
with the remote's words, unless the sender asked not to be told or is the null path: a report is never answered by a
report (RFC 3461 §5.2.6).
"""
