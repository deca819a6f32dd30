"""Each folder here that is named in capitals is a rule; responses/ and this are the Lambda zip."""
