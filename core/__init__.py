"""What the rooms must agree on. Imports none of them."""
