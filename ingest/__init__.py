"""Kafka and files into the database."""
