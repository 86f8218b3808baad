"""Side effects on behalf of a workflow. The recorder is the only way to the ledger."""
