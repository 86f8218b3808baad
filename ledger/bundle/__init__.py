"""The log as files that strangers verify without us: written for an auditor, checked when it comes back."""
