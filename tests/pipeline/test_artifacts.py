import json
import logging

import pytest

from recbole_curec.pipeline.artifacts import Artifact, file_hash, fingerprint, package_versions, peak_memory_mib


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
    artifact.close({"summary": "two files", **facts})


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


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "model.bin").write_bytes(b"weightS"), "model.bin was altered"),
        (lambda folder: (folder / "model.bin").write_bytes(b"weigh"), "model.bin was altered"),
        (lambda folder: (folder / "tokens" / "vocab.json").unlink(), "tokens/vocab.json is missing"),
        (lambda folder: (folder / "stray.txt").touch(), "stray.txt does not belong to it"),
        (lambda folder: (folder / "run.json").unlink(), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text('{"stage": "align", "fi'), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_bytes(b"\xff\xfe"), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text("{}"), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text("null"), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text('{"files": 3}'), "run.json cannot be read"),
        (lambda folder: (folder / "run.json").write_text('{"files": ["model.bin"]}'), "run.json cannot be read"),
    ],
)
def test_a_damaged_artifact_is_removed_with_one_line_that_says_why(artifact, caplog, harm, said):
    make(artifact)
    harm(artifact.folder)
    complete, messages = faults(caplog, artifact)
    assert not complete
    assert len(messages) == 1
    assert messages[0].startswith(f"[align] the artifact {artifact.folder} is damaged ({said}")
    assert messages[0].endswith("it is made again.")
    assert not artifact.folder.exists()
    assert faults(caplog, artifact) == (False, [])
    make(artifact)
    assert faults(caplog, artifact) == (True, [])


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


def test_fingerprints_depend_on_content_alone():
    parts = {"settings": {"a": 1, "b": [0.1, None]}, "seed": 3}
    assert fingerprint(parts) == fingerprint(json.loads(json.dumps(dict(reversed(parts.items())))))
    assert fingerprint(parts) == "23d64d13c37b8a85"  # the same on every machine and in every session
    changed = ({**parts, "seed": 4}, {**parts, "settings": {"a": 1, "b": [0.1, False]}}, {**parts, "more": None})
    assert len({fingerprint(other) for other in (parts, *changed)}) == 4


def test_file_hash_is_sha256(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert file_hash(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_versions_and_memory_are_recorded():
    versions = package_versions()
    assert versions["recbole"] == "1.2.1"
    assert versions["python"].startswith("3.")
    assert 10 < peak_memory_mib() < 1 << 20
