"""The server inspected from outside: by curl, in its description, its source and its log."""
