"""The store in memory: the reference that databases are held to, and what simulation runs on."""
