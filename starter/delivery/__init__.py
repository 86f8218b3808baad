"""Events out: what happened, told to other systems and to people."""
