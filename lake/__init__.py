"""Parquet files of statements and marts, per tenant and month, with a catalogue that DuckDB opens."""
