"""All tables of the product, on one metadata: the store's, the directory's, routing's."""

from __future__ import annotations

import mailserver.directory.schema
import mailserver.store.schema
import routing.schema

# Importing the two modules has put their tables on the store's metadata.
MODULES = (mailserver.store.schema, mailserver.directory.schema, routing.schema)
metadata = mailserver.store.schema.metadata

__all__ = ["metadata"]
