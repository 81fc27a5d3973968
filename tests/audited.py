"""A program that runs commands under an audit hook: ``python audited.py <folder> <commands.json>``.

Everything that the commands may write goes below ``<folder>/out``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "urllib.Request")
_PROGRAMS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen")
_CHANGES = (
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "shutil.copyfile", "shutil.move", "shutil.rmtree", "shutil.make_archive", "shutil.unpack_archive",
)  # fmt: skip
# Code of these is where strings come from that may be run: the program of RecBole, and ours.
_PACKAGES = (f"{os.sep}recbole{os.sep}", f"{os.sep}recbole_curec{os.sep}")


class Audit:
    """What happened that must not: a list of event and value by the command that was running."""

    def __init__(self, folder: Path) -> None:
        self.out = folder.resolve() / "out"
        self.command = ""
        self.found: list[tuple[str, str, str]] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        problem = self._problem(event, args)
        if problem is not None and self.command:
            self.found.append((self.command, event, problem))

    def _problem(self, event: str, args: tuple[Any, ...]) -> str | None:
        if event == "pickle.find_class":
            return f"{args[0]}.{args[1]}"
        if event == "exec":
            return _code_from_data(args[0], sys._getframe(2))
        if event == "socket.bind" and args[1][:2] == ("::1", 0):
            return None  # urllib3 asks at its import whether the machine has IPv6; nothing is sent
        if event == "subprocess.Popen" and args[0] == "fc-list":
            return None  # matplotlib asks which fonts there are
        if event in _NETWORK or event in _PROGRAMS:
            return str(args)
        if event == "open":
            path, mode, flags = args
            writes = flags & _WRITES if isinstance(flags, int) else set(str(mode)) & set("wax+")
            return self._outside(path) if writes else None
        if event in _CHANGES:
            numbers = [value for value in args if isinstance(value, int)]  # the last one is a folder that is open
            where = str(Path(f"/proc/self/fd/{numbers[-1]}").readlink()) if numbers and numbers[-1] >= 0 else ""
            return next((bad for path in args if (bad := self._outside(path, where))), None)
        return None

    def _outside(self, path: Any, where: str = "") -> str | None:
        """The path if it is not below the configured folders; a number is a file that is open already."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        whole = Path(os.path.abspath(os.path.join(where, os.fsdecode(path))))  # noqa: PTH100, PTH118 - resolve would raise events of its own
        return None if whole.is_relative_to(self.out) or whole == Path(os.devnull) else str(whole)


def _code_from_data(code: CodeType, caller: FrameType | None) -> str | None:
    """Code that a string held and RecBole or we ran; libraries make some of their own (dataclasses, torch.jit)."""
    file = caller.f_code.co_filename if caller else ""
    if code.co_filename == "<string>" and any(package in file for package in _PACKAGES):
        return f"{file}: {code.co_names}"
    return None


def main() -> None:
    """Run every command of a JSON list of name and arguments; print exit codes by name, and what was found."""
    folder, commands = sys.argv[1:]
    audit = Audit(Path(folder))
    sys.addaudithook(audit)
    from recbole_curec.cli.main import console

    codes = {}
    for name, arguments in json.loads(Path(commands).read_text(encoding="utf-8")):
        audit.command = name
        codes[name] = console(arguments)
        audit.command = ""
    print(json.dumps({"codes": codes, "found": audit.found}))


if __name__ == "__main__":
    main()
