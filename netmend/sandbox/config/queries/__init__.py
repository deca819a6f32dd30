"""Advanced queries: the subset of SQL that AWS documents, over what is recorded and judged."""

from netmend.sandbox.config.queries import operations, stored

__all__ = ["operations", "stored"]
