"""What the daemon tells machines: metrics, whether it is well, and systemd."""
