"""`python -m steps.acceptance` judges a server, as `nox -s acceptance` does."""

import gc
import sys

from steps.run.acceptance import main

if __name__ == "__main__":
    status = main(sys.argv[1:])
    gc.freeze()  # it all goes at once: to look for garbage in it takes a quarter of a second
    sys.exit(status)
