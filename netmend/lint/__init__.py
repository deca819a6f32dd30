"""What is wrong with a runbook is found in its file, before AWS or a sandbox runs it."""
