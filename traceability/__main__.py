"""`python -m traceability` is the command `traceability`."""

from traceability.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
