from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

import recbole_curec
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import POINTS, ExtensionPoint, is_path, load_object
from recbole_curec.settings.entry import Entry
from recbole_curec.settings.settings import Settings, setting_names
from tests.parts import PARTS, Part
from tests.parts.unseen import UNSEEN


@pytest.fixture
def parts() -> Iterator[ExtensionPoint[Part]]:
    """The extension point, without what a test registers."""
    before = PARTS.entries()
    yield PARTS
    for name in set(PARTS.entries()) - set(before):
        PARTS.unregister(name)


def part(called: Any, qualname: str = "Mine", base: type = Part) -> Any:
    """A class of the user's own."""
    return type(qualname, (base,), {"name": called, "__module__": __name__})


def test_a_name_of_ours_is_taken_before_anybody_has_asked_for_it() -> None:
    assert "tests.parts.unseen.sail" not in sys.modules
    message = r"^part 'sail' is there already \(tests\.parts\.unseen\.sail\): give Mine another name\.$"
    with pytest.raises(ConfigurationError, match=message):
        UNSEEN.register(part("sail"))
    assert list(UNSEEN.entries()) == ["sail"]


def test_ours_are_found_in_their_folder_in_the_order_of_their_modules(parts: ExtensionPoint[Part]) -> None:
    found = parts.entries()
    assert list(found) == ["axle", "wheel"]
    wheel = importlib.import_module("tests.parts.wheel")
    assert found["wheel"] is parts.find("wheel") is wheel.Wheel
    # Whoever imports one of ours first must not decide the order of the documentation.
    parts.unregister("axle")
    parts.register(found["axle"])
    assert list(parts.entries()) == ["axle", "wheel"]


def test_what_entries_gives_can_be_changed_without_harm(parts: ExtensionPoint[Part]) -> None:
    parts.entries().clear()
    assert list(parts.entries()) == ["axle", "wheel"]


def test_a_registered_entry_is_found_by_name_until_it_is_forgotten(parts: ExtensionPoint[Part]) -> None:
    @parts.register
    class Gear(Part):
        name: ClassVar[str] = "a_gear"

    assert parts.find("a_gear") is Gear
    assert list(parts.entries()) == ["axle", "wheel", "a_gear"]  # ours first
    parts.unregister("a_gear")
    parts.unregister("a_gear")
    with pytest.raises(ConfigurationError, match="'a_gear' is no part"):
        parts.find("a_gear")


def test_a_class_that_is_defined_again_takes_its_own_place(parts: ExtensionPoint[Part]) -> None:
    first, again = part("mine"), part("mine")
    assert parts.register(first) is first
    assert parts.register(again) is parts.find("mine") is again
    with pytest.raises(ConfigurationError, match=rf"part 'mine' is there already \({__name__}\): give Other another"):
        parts.register(part("mine", "Other"))
    assert parts.find("mine") is again


@pytest.mark.parametrize("name", ["", "two words", "my-part", "a.b", "a:b", "x\n"])
def test_an_entry_needs_a_name_that_a_config_file_can_hold(parts: ExtensionPoint[Part], name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^Mine: a part needs a name of letters and digits\.$"):
        parts.register(part(name))


def test_an_entry_of_another_kind_is_refused(parts: ExtensionPoint[Part]) -> None:
    with pytest.raises(ConfigurationError, match=r"^Mine is no part: derive it from tests\.parts\.Part\.$"):
        parts.register(part("mine", base=Entry))
    with pytest.raises(ConfigurationError, match="is no part: derive it from"):
        parts.register(lambda: None)  # type: ignore[arg-type]
    for path in ("tests.parts.wheel:SPOKES", "tests.test_extensions:part", "recbole_curec.settings.entry:Entry"):
        with pytest.raises(ConfigurationError, match=rf"^machine\.part: {path} is no part: derive it from"):
            parts.find(path)


def test_a_class_is_found_by_its_path(parts: ExtensionPoint[Part]) -> None:
    assert parts.find("tests.parts.wheel:Wheel") is parts.find("wheel")
    assert parts.find("tests.parts.wheel:Spare").__name__ == "Spare"
    assert list(parts.entries()) == ["axle", "wheel"]  # a path registers nothing


def test_a_path_that_leads_nowhere_says_what_is_missing(parts: ExtensionPoint[Part]) -> None:
    message = (
        r"^machine\.part: no_such_package\.parts:Wheel cannot be imported \(No module named 'no_such_package'\): "
        "install the package that holds it, or put its folder on PYTHONPATH"
    )
    with pytest.raises(ConfigurationError, match=message):
        parts.find("no_such_package.parts:Wheel")
    message = r"^machine\.part: tests\.parts\.wheel:Weel: the module tests\.parts\.wheel holds no Weel: correct"
    with pytest.raises(ConfigurationError, match=message):
        parts.find("tests.parts.wheel:Weel")


def test_a_module_that_lacks_a_package_names_it(
    parts: ExtensionPoint[Part], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking_parts.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"lacking_parts:Wheel cannot be imported .*'no_such_package'"):
        parts.find("lacking_parts:Wheel")


@pytest.mark.parametrize(
    ("name", "near"), [("whel", " (nearest: 'wheel')"), ("AXLE", " (nearest: 'axle')"), ("rudder", ""), ("", "")]
)
def test_an_unknown_name_names_the_nearest(parts: ExtensionPoint[Part], name: str, near: str) -> None:
    rest = f"{name!r} is no part{near}: use one of axle, wheel, or your own class as 'my_package.module:Class'."
    with pytest.raises(ConfigurationError) as error:
        parts.find(name)
    assert str(error.value) == f"machine.part: {rest}"
    with pytest.raises(ConfigurationError) as error:
        parts.find(name, "engine")
    assert str(error.value) == f"engine: {rest}"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("module:Class", True), ("my_package.module:Class", True), ("_a.b2:C_3", True), ("lsa", False),
        ("C:\\models", False), ("org/model:tag", False), ("a:b:c", False), (":Class", False), ("module:", False),
        ("module:Class.method", False), ("http://host", False), ("module: Class", False),
    ],
)  # fmt: skip
def test_a_path_is_told_from_other_names(text: str, path: bool) -> None:
    assert is_path(text) is path


def test_an_object_of_any_kind_can_be_loaded() -> None:
    assert load_object("tests.parts.wheel:SPOKES", "some.setting") == 32


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.kind)
class TestOurs:
    """Every extension point, with its own entries."""

    def test_every_entry_is_whole(self, point: ExtensionPoint[Any]) -> None:
        ours = {name: entry for name, entry in point.entries().items() if entry.__module__.startswith("recbole_curec.")}
        assert ours
        assert point.setting in setting_names()
        for name, entry in ours.items():
            assert entry.name == name and issubclass(entry, Entry) and entry.__doc__
            assert entry.__module__.startswith(f"{point.package}.")
            assert point.find(name) is point.find(f"{entry.__module__}:{entry.__qualname__}") is entry
            assert all(group.section for group in entry.settings_groups)

    def test_one_of_the_users_own_is_found_once_it_is_registered(self, point: ExtensionPoint[Any]) -> None:
        base = next(iter(point.entries().values())).__mro__[1]
        register = getattr(recbole_curec, f"register_{point.kind.split()[-1]}")
        mine = register(part("mine_alone", base=base))
        try:
            assert point.find("mine_alone") is mine
        finally:
            point.unregister("mine_alone")
        assert "mine_alone" not in point.entries()

    def test_a_part_of_another_kind_is_refused(self, point: ExtensionPoint[Any]) -> None:
        with pytest.raises(ConfigurationError, match=f"is no {point.kind}: derive it from"):
            point.register(part("mine"))
        assert "mine" not in point.entries()


def test_an_entry_without_checks_passes_them() -> None:
    assert Part.check(Settings()) is None  # type: ignore[func-returns-value]
    assert (Part.revision, Part.settings_groups) == (1, ())
