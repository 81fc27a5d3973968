"""Run CURec or any RecBole model: ``python run_curec.py --model=CURec --dataset=ml-100k``."""

import os
import sys

# Read when torch loads its thread pool: on a busy machine, spinning threads are 20 to 50 times slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from recbole_curec.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
