"""How fast Netmend is, as ratios to an anchor that is measured in the same run."""
