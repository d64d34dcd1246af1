"""The trace from a spec over its scenarios to the code that ran, for any project."""
