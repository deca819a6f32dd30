"""Plumbing is written by machine, as text, from the fragments in netmend/templates/."""
