"""The trace from a spec through its scenarios to the code that ran, for any project."""
