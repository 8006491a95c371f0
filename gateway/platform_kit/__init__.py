"""What every platform folder is given and shares."""
