"""The ledger's documents as the public schema shows them; pure functions."""
