"""The SMTP doors: MX, submission, submissions and LMTP.

`server.SmtpServer` listens; a connection is `chunking.Chunking`, which stands on `receiving` (DATA), `envelopes` (MAIL,
RCPT), `authentication`, `starttls`, `greeting`, `connection` (the loop) and `stream` (octets and
time). The facts of a message go to `mailserver.delivery`; `replies` has the one table from errors to
answers.
"""
