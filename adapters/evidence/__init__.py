"""Evidence: files that were handed in, kept by the hash of their content."""
