"""Each folder here with a name in capitals is a rule; with responses/ this package is the Lambda zip."""
