"""What the manual demands of input, checked before the platform is called."""
