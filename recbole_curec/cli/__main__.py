"""``python -m recbole_curec.cli`` is the ``curec`` command."""

import sys

from recbole_curec.cli.main import console

if __name__ == "__main__":
    sys.exit(console())
