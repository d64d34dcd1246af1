"""The server under judgement: how it starts and stops, its users, its tokens, its database."""
