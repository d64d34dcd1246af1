"""A target that the harness starts: its schema, its server's command line, starts and stops."""
