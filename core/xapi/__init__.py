"""What a statement is: reading, validation, sameness, keys. Pure: no I/O, no clock, no settings."""
