"""What platforms tell by themselves: taken in, made sure of, and passed on as changes."""
