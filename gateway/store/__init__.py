"""The ledger: records pushed to platforms that keep their own copy, and pending pushes."""
