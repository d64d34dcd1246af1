"""A small foreign server of the same specification: aiohttp, raw SQL, one login that owns all."""
