"""`python -m traceability` is the command `traceability`."""

from traceability.cli.command import main

if __name__ == "__main__":
    raise SystemExit(main())
