"""`python -m steps.acceptance` judges a server, as `nox -s acceptance` does."""

import gc
import sys

from steps.run.acceptance import main

if __name__ == "__main__":
    status = main(sys.argv[1:])
    gc.freeze()  # the process ends: to search all objects for garbage takes a quarter of a second
    sys.exit(status)
