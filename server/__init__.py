"""The reference server: tasks of many users; each user sees only their own."""
