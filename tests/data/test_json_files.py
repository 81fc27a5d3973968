from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from recbole_curec.data.json_files import begins_list, read_json
from recbole_curec.errors import DataError


def test_json_is_read_and_what_is_none_is_said_with_the_advice(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf[1, "\xc3\xa4"]')
    assert read_json(path, "write it again", "save it as UTF-8") == [1, "ä"]
    path.write_bytes(b"[1,")
    with pytest.raises(DataError, match=r"a\.json' is no JSON \(.*\): write it again\.$"):
        read_json(path, "write it again", "save it as UTF-8")
    path.write_bytes(b'["\xe4"]')
    with pytest.raises(DataError, match=r"a\.json' is not UTF-8: save it as UTF-8\.$"):
        read_json(path, "write it again", "save it as UTF-8")


@pytest.mark.parametrize(
    ("content", "expected"), [(b'\xef\xbb\xbf \n[{"a": 1}]', True), (b'{"a": [1]}\n', False), (b"", False)]
)
def test_a_list_is_known_by_its_bracket_also_within_gzip(tmp_path: Path, content: bytes, expected: bool) -> None:
    path = tmp_path / "a.json"
    for written in (content, gzip.compress(content)):
        path.write_bytes(written)
        assert begins_list(path) is expected
    path.write_bytes(gzip.compress(content)[:12])
    assert not begins_list(path)
    with pytest.raises(DataError, match="the gzip file is cut off or damaged"):
        read_json(path, "write it again", "save it as UTF-8")
