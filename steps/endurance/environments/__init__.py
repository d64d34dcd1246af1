"""PostgreSQL as operators run it: with TLS, a pooler, a standby, a small disk, limits."""
