"""What an LMS or a student system exports as CSV, into the lms tables and out again."""
