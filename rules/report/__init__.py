"""The supervision office's reports: periods, the fold over entries, and what is told of it; pure (M07)."""
