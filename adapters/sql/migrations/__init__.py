"""The schema's history: forward only, one transaction each."""
