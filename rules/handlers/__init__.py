"""The Lambda entry points, where rules meet AWS: only here are clients made."""
