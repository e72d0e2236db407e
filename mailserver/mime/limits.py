"""How much of one message is looked at. What lies beyond is kept, but treated as opaque.

Each limit that bites is named in `Scanned.defects`.
"""

from __future__ import annotations

from typing import Final

# Nested multiparts and embedded messages; Dovecot and Postfix (mime_nesting_limit) have the same.
MAX_DEPTH: Final = 100
# All parts of a message together, containers included; Dovecot has the same.
MAX_PARTS: Final = 10_000
# Octets of one header block that are parsed. Longer blocks are read field by field, see below.
MAX_HEADER_OCTETS: Final = 256 * 1024
# Octets of one field that are parsed; 50,000 recipients must not hide a Content-Type behind them.
MAX_FIELD_OCTETS: Final = 64 * 1024
# Fields of one header block that are looked at.
MAX_FIELDS: Final = 10_000
# Octets of the header blocks of all parts below the top one that are parsed.
MAX_PART_HEADER_OCTETS: Final = 1024 * 1024
# Parameters of one Content-Type or Content-Disposition.
MAX_PARAMETERS: Final = 100
# Addresses of one address field; message identifiers of one References.
MAX_ADDRESSES: Final = 1_000
MAX_MESSAGE_IDS: Final = 1_000
# Quotes, comments, angles and the like in all address fields of a message that are not of the usual
# form; Postfix has a limit of this kind (header_address_token_limit).
MAX_ADDRESS_TOKENS: Final = 50_000
# Lines that begin like a delimiter but are none; more of them are not met in real mail.
MAX_FALSE_DELIMITERS: Final = 20_000
# RFC 2046 §5.1.1 allows 70 octets; real mail has more.
MAX_BOUNDARY_OCTETS: Final = 1_000
# Octets of a file name in UTF-8, as file systems have it.
MAX_FILENAME_OCTETS: Final = 255
# Characters of a decoded subject or display name.
MAX_SUBJECT: Final = 2_000
MAX_NAME: Final = 500
MAX_PREVIEW: Final = 200
