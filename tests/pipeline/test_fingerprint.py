"""Fingerprints depend on contents, and on nothing else."""

import json

import pytest

from recbole_curec.pipeline.fingerprint import fingerprint, folder_fingerprint, streamed_fingerprint


def test_fingerprints_depend_on_content_alone():
    parts = {"settings": {"a": 1, "b": [0.1, None]}, "seed": 3}
    assert fingerprint(parts) == fingerprint(json.loads(json.dumps(dict(reversed(parts.items())))))
    assert fingerprint(parts) == "23d64d13c37b8a85"  # the same on every machine and in every session
    changed = ({**parts, "seed": 4}, {**parts, "settings": {"a": 1, "b": [0.1, False]}}, {**parts, "more": None})
    assert len({fingerprint(other) for other in (parts, *changed)}) == 4


@pytest.mark.parametrize("parts", [{}, {"u": ["a"]}, {"10": ["i1", "i2"], "9": [], '\u00e9"': ["\u2028", "b"]}])
def test_a_streamed_fingerprint_is_that_of_the_whole(parts):
    assert streamed_fingerprint((key, parts[key]) for key in sorted(parts)) == fingerprint(parts)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "weights.bin").write_bytes(b"12345")
    (tmp_path / "model" / "sub" / "config.json").write_text("{}")
    return tmp_path / "model"


def test_a_folder_is_known_by_its_contents_and_not_by_its_name(folder):
    first = folder_fingerprint(folder)
    moved = folder.rename(folder.with_name("elsewhere"))
    assert folder_fingerprint(moved) == first
    (moved / ".cache").mkdir()
    (moved / ".cache" / "lock").write_text("x")
    assert folder_fingerprint(moved) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "weights.bin").write_bytes(b"12346"),
        lambda folder: (folder / "weights.bin").rename(folder / "weights2.bin"),
        lambda folder: (folder / "sub" / "config.json").unlink(),
        lambda folder: (folder / "more.txt").write_text(""),
    ],
)
def test_every_change_of_a_folder_shows(folder, change):
    first = folder_fingerprint(folder)
    change(folder)
    assert folder_fingerprint(folder) != first
