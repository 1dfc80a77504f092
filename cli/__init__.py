"""The `lyceum` command: thin, it calls the rooms."""
