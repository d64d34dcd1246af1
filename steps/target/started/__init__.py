"""A target that the harness starts: its schema, its server's command line, and its life."""
