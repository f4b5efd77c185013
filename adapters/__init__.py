"""Everything that touches the world: databases, channels, calendars, the daemon, the terminal."""
