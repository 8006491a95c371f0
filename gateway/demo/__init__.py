"""What `gateway run` needs: its state, its configuration, and the ledger's sample data."""
