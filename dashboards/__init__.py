"""Meaning becomes charts: Superset, its people and rights, and its dashboards as YAML."""
