"""A function that writes a file, compressed or not."""

import gzip

import pytest


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a text into a file and returns its path."""

    def to_file(text, encoding="utf-8", name="data.csv"):
        path = tmp_path / name
        content = text.encode(encoding)
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(path)

    return to_file
