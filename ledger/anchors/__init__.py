"""What others keep of the log: witnesses that cosign its checkpoints, authorities that time-stamp them."""
