"""The server inspected: by a plain HTTP client, in its description, its source and its log."""
