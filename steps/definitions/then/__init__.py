"""`Then` steps of general use: what answers say, and what tasks are like now."""
