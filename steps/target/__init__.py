"""What is being tested: how it starts and stops, who its users are, where its database is."""
