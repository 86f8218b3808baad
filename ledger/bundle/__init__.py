"""The log as files that strangers verify without us: written for an auditor, and checked when it comes back."""
