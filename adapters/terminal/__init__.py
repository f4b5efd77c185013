"""What people see: tables and pictures in colour on a terminal, plain lines when piped."""
