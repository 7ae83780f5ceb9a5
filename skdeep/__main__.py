"""``python -m skdeep``."""

import sys

from skdeep.cli import main

if __name__ == "__main__":
    sys.exit(main())
