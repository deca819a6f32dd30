"""One command a file: its words for the user, and the call of the engine that does it."""
