"""What every entry of an extension point has: a name, settings groups and a check."""

from __future__ import annotations

from typing import ClassVar

from recbole_curec.settings.group import SettingsGroup
from recbole_curec.settings.settings import Settings


class Entry:
    """Base class of every entry of an extension point.

    Attributes:
        name: Its name in config files.
        revision: Version of the code, to be raised when a change alters results; part of the stage's fingerprint.
        settings_groups: The sections of a config that it reads; none if it has no settings.
    """

    name: ClassVar[str] = ""
    revision: ClassVar[int] = 1
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = ()

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Raise an error before anything runs if the entry cannot work with these settings.

        Raises:
            ConfigurationError: A package, an address or a combination of settings is missing or wrong.
        """

    @classmethod
    def check_files(cls, settings: Settings) -> None:
        """Raise an error if files that the settings name cannot be used, before the first artifact is made.

        Unlike :meth:`check`, which runs whenever settings are read, it may open files and take a second.

        Raises:
            ConfigurationError: A file is missing or damaged.
        """
