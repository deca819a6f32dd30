"""The pure runtime library of rules and runbooks: standard library only, and no client anywhere."""
