"""A foreign server with switches that each break it in one way, and the requirements that fail."""
