"""The ledger: what was pushed to platforms that keep their own copy, and what is due to them."""
