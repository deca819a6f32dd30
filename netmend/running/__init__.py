"""Any Automation runbook runs from its file against a sandbox, and what it did is shown.

document   the file, and the documents beside it that it starts
given      parameters as people write them, checked, in AWS's wire form
network    a described network, and `building` makes it
runner     creates the document, starts it, follows it
recorder   every call that was made meanwhile, and what it changed
policy     the least that the run's role must be allowed
"""
