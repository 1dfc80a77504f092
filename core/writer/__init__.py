"""The one writer of statements, which the LRS and ingest share: rows to tables, each statement once."""
