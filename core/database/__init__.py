"""The database: its address, roles, edition and migrations."""
