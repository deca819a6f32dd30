"""Each check is a function from a runbook to what is wrong with it."""
