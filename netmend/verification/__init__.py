"""What only AWS can show is checked there, and enforce waits until it has passed."""
