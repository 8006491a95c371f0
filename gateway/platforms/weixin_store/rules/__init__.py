"""The platform's rules for input, checked before the platform is called."""
