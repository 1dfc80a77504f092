"""What an LMS tells: its domain events, and the tables that are made of them."""
