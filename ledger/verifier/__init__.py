"""The full verification of a ledger, failing closed: what cannot be checked does not hold."""
