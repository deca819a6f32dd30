"""What a verdict rests on, told so that a person can check it: one model, three forms."""
