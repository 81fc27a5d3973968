"""Artifacts: complete or not at all, looked at without a change, never lost."""

import json
import logging
import os
import threading
from pathlib import Path

import pytest

from recbole_curec.errors import DataError
from recbole_curec.pipeline.artifacts import Artifact, move_aside
from recbole_curec.pipeline.hashes import file_hash


@pytest.fixture
def artifact(tmp_path):
    return Artifact("align", "0123abcd", tmp_path / "root")


def make(artifact, **facts):
    """A finished artifact with two files."""
    artifact.open()
    (artifact.partial / "model.bin").write_bytes(b"weights")
    (artifact.partial / "tokens").mkdir(exist_ok=True)
    (artifact.partial / "tokens" / "vocab.json").write_text("{}")
    (artifact.scratch / "checkpoint").write_text("half way")
    artifact.close({"summary": "two files", "figures": {}, **facts})


def faults(caplog, artifact):
    """Whether the artifact was found complete, and the lines said about it."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"):
        complete = artifact.is_complete()
    return complete, caplog.messages


def test_what_is_made_is_complete_and_described(artifact, caplog):
    assert not artifact.is_complete()
    make(artifact, seed=7)
    assert faults(caplog, artifact) == (True, [])
    manifest = artifact.manifest()
    assert manifest["files"] == {
        "model.bin": file_hash(artifact.folder / "model.bin"),
        "tokens/vocab.json": file_hash(artifact.folder / "tokens" / "vocab.json"),
    }
    assert (manifest["stage"], manifest["fingerprint"], manifest["seed"]) == ("align", "0123abcd", 7)
    assert not artifact.partial.exists()
    assert sorted(path.name for path in artifact.folder.iterdir()) == ["model.bin", "run.json", "tokens"]


def everything_in(root):
    """Names and contents of all files."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "model.bin").write_bytes(b"weightS"), "model.bin was altered"),
        (lambda folder: (folder / "model.bin").write_bytes(b""), "model.bin was altered"),
        (lambda folder: (folder / "tokens" / "vocab.json").unlink(), "tokens/vocab.json is missing"),
        (lambda folder: (folder / "run.json").unlink(), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text(""), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text('{"stage": "align", "fi'), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_bytes(b"\xff\xfe"), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text("null"), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text("{}"), "run.json does not list the files"),
        (lambda folder: (folder / "run.json").write_text('{"files": 3}'), "run.json does not list the files"),
        (
            lambda folder: (folder / "run.json").write_text('{"files": ["model.bin"]}'),
            "run.json does not list the files",
        ),
        (lambda folder: without(folder, "files"), "run.json does not list the files"),
        (lambda folder: without(folder, "summary"), "run.json has no 'summary'"),
        (lambda folder: without(folder, "figures"), "run.json has no 'figures'"),
        (lambda folder: rewrite(folder, "two files", "ten files"), "run.json was altered"),
    ],
)
def test_a_look_at_a_damaged_artifact_changes_nothing_and_making_it_again_moves_it_aside(artifact, caplog, harm, said):
    make(artifact)
    harm(artifact.folder)
    before = everything_in(artifact.root)
    assert faults(caplog, artifact) == (False, [])
    assert artifact.fault().startswith(said)
    assert everything_in(artifact.root) == before
    caplog.clear()
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"):
        make(artifact)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(f"[align] the artifact {artifact.folder} is damaged ({said}")
    assert caplog.messages[0].endswith("it is moved aside and made again.")
    assert faults(caplog, artifact) == (True, [])
    # What was there is kept, whatever it was worth.
    aside = artifact.folder.with_name(f"{artifact.folder.name}.damaged-1")
    assert {f"{artifact.folder.name}/{name}": content for name, content in everything_in(aside).items()} == before


def rewrite(folder, before, after):
    """Change some letters of ``run.json``."""
    text = (folder / "run.json").read_text()
    assert before in text
    (folder / "run.json").write_text(text.replace(before, after))


def without(folder, key):
    """Take a key out of ``run.json``."""
    facts = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({name: value for name, value in facts.items() if name != key}))


@pytest.mark.parametrize("stray", [".DS_Store", "notes.txt", "tokens/Thumbs.db", "sub/deeper/file"])
def test_files_that_do_not_belong_to_an_artifact_are_left_alone(artifact, caplog, stray):
    make(artifact)
    path = artifact.folder / stray
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert faults(caplog, artifact) == (True, [])
    assert path.read_bytes() == b"x"


def test_a_file_in_the_place_of_a_folder_is_moved_aside(artifact, caplog):
    artifact.root.mkdir()
    artifact.folder.write_text("no folder")
    artifact.partial.write_text("no folder either")
    assert not artifact.is_complete()
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"):
        make(artifact)
    assert ["it is not a folder" in message for message in caplog.messages] == [True, False]
    assert artifact.is_complete()
    assert artifact.folder.with_name(f"{artifact.folder.name}.damaged-1").read_text() == "no folder"


def test_hidden_files_of_the_system_do_not_become_part_of_an_artifact(artifact):
    artifact.open()
    (artifact.partial / ".DS_Store").write_bytes(b"x")
    make(artifact)
    assert ".DS_Store" not in artifact.manifest()["files"]


def test_what_is_moved_aside_never_overwrites_what_was_moved_before(tmp_path):
    moved = []
    for content in "abc":
        path = tmp_path / "x"
        path.write_text(content)
        moved.append(move_aside(path))
    assert [(path.name, path.read_text()) for path in moved] == [
        ("x.damaged-1", "a"), ("x.damaged-2", "b"), ("x.damaged-3", "c")
    ]  # fmt: skip


def test_a_manifest_that_cannot_be_read_is_one_sentence(artifact):
    make(artifact)
    (artifact.folder / "run.json").write_text("[]")
    with pytest.raises(
        DataError, match=r"run\.json holds no description of a run: run the command that made it again\."
    ):
        artifact.manifest()


def test_everything_is_on_disk_before_the_folder_gets_its_name(artifact, monkeypatch):
    flushed, renamed = [], []
    fsync, rename = os.fsync, type(artifact.partial).rename

    def spy_fsync(handle):
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def spy_rename(self, target):
        if self == artifact.partial:
            renamed.append(list(flushed))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(type(artifact.partial), "rename", spy_rename)
    make(artifact)
    names = renamed[0]
    assert names[:2] == ["model.bin", "vocab.json"]
    assert names[2].startswith(".run.json.")
    assert names[3] == artifact.partial.name


def test_a_lock_that_is_a_folder_is_moved_aside(artifact, caplog):
    lock = artifact.root / f".{artifact.folder.name}.lock"
    (lock / "inside").mkdir(parents=True)
    with caplog.at_level(logging.WARNING, "recbole_curec.pipeline.artifacts"), artifact.locked():
        assert lock.is_file()
    assert "is a folder and is moved aside" in caplog.messages[0]
    assert lock.with_name(f"{lock.name}.damaged-1").is_dir()


def test_who_waits_for_a_lock_says_so_at_once(artifact, caplog):
    order, said = [], threading.Event()

    class Heard(logging.Handler):
        def emit(self, record):
            said.set()

    def wait():
        with artifact.locked():
            order.append("second")

    logger, handler = logging.getLogger("recbole_curec.pipeline.artifacts"), Heard()
    logger.addHandler(handler)
    with caplog.at_level(logging.INFO, logger.name), artifact.locked():
        other = threading.Thread(target=wait)
        other.start()
        assert said.wait(10)
        order.append("first")
    other.join(10)
    logger.removeHandler(handler)
    assert order == ["first", "second"]
    assert caplog.messages == [f"[align] waiting for another run that is making {artifact.folder.name}"]


def test_locks_are_per_artifact(artifact):
    other = Artifact("align", "ffff", artifact.root)
    with artifact.locked(), other.locked():
        make(artifact)
        make(other)
    assert artifact.is_complete() and other.is_complete()


def test_what_an_interrupted_run_left_is_kept(artifact):
    artifact.open()
    (artifact.partial / "part-0.parquet").write_bytes(b"reasons")
    (artifact.scratch / "checkpoint").write_text("half way")
    assert not artifact.is_complete()
    artifact.open()
    assert (artifact.partial / "part-0.parquet").read_bytes() == b"reasons"
    assert (artifact.scratch / "checkpoint").read_text() == "half way"


def test_a_run_killed_while_closing_is_finished_by_the_next(artifact, caplog, monkeypatch):
    def killed(self, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.rename", killed)
        with pytest.raises(KeyboardInterrupt):
            make(artifact)
    assert not artifact.is_complete()
    make(artifact)
    assert faults(caplog, artifact) == (True, [])
    assert "run.json" not in artifact.manifest()["files"]


def test_checkpoints_outlive_a_kill_while_files_are_hashed(artifact, monkeypatch):
    def killed(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("recbole_curec.pipeline.artifacts.file_hash", killed)
        with pytest.raises(KeyboardInterrupt):
            make(artifact)
    assert (artifact.scratch / "checkpoint").read_text() == "half way"


def test_artifacts_with_other_keys_stand_beside_each_other(artifact, tmp_path):
    make(artifact)
    other = Artifact("align", "ffff", tmp_path / "root")
    assert not other.is_complete()
    make(other)
    assert artifact.is_complete()
    assert other.is_complete()


def test_file_hash_is_sha256(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert file_hash(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_lock_that_another_run_holds_need_not_be_waited_for(tmp_path: Path) -> None:
    one, other = Artifact("a", "1", tmp_path), Artifact("a", "1", tmp_path)
    with one.locked() as held:
        assert held
        with other.locked(wait=False) as too:
            assert not too
    with other.locked(wait=False) as now:
        assert now


def test_an_artifact_of_an_earlier_version_has_no_checksum_and_is_whole(artifact):
    make(artifact)
    without(artifact.folder, "checksum")
    assert artifact.is_complete()


def test_temporary_files_of_a_killed_run_are_removed(artifact):
    artifact.open()
    left = artifact.partial / "fold-0" / ".model.safetensors.4711.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")
    make(artifact)
    assert not list(artifact.root.rglob("*.tmp"))
