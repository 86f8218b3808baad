"""The HTTP API `/api/v1`: what an intake system and other programs use instead of the command line."""
