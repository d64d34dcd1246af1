"""The reference server: tasks of many users, each of whom sees only their own."""
