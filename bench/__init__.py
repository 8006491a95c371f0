"""What is measured, and the commands that measure it; not part of the wheel."""
