"""How it is seen: server-rendered pages for window, officers, supervisors, the public and auditors."""
