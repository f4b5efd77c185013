"""The rules: pure Python, no I/O, no clock but the port, no database, no logger."""
