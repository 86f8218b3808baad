"""Who is at the desk: signing in, sessions, roles, grants."""
