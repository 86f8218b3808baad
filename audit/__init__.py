"""How it is checked: histories replayed and compared with the ledger, by people who trust neither."""
