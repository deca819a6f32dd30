"""One account and Region gets Netmend, or gives it back: planned, shown, asked for, resumable."""
