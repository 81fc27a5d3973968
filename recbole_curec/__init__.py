"""Language-model reasons, aligned with each user's own interactions, as semantic features for any RecBole model.

Importing this package is all RecBole needs to find ``CURec`` and ``CURecGeneral``. It reads no command line, touches no
network, and leaves the root logger alone.
"""

from recbole_curec import compat

compat.install()

from recbole_curec import config, registry  # noqa: E402 - RecBole cannot be imported before the shims are in place

config.install()
registry.install()

__version__ = "0.1.0"

__all__ = ["__version__"]
