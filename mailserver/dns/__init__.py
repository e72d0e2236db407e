"""What DNS says, as values: found, no such name, no data, or no answer for the present.

`resolver.Dns` asks; it never raises for what DNS says and every answer is bounded in time, so that a
server whose name servers are away still delivers what needs no DNS.
"""
