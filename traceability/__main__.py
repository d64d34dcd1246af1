"""Runs the command `traceability` as `python -m traceability`."""

from traceability.cli.command import main

if __name__ == "__main__":
    raise SystemExit(main())
