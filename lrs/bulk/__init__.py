"""Statements by the file: in, as if each had come through the door, and out, as the door would show them."""
