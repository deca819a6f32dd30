"""A new rule is a folder and a runbook that pass every test at once, typed to what they judge."""
