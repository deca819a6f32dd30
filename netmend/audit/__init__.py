"""Evidence and reports, read without AWS."""
