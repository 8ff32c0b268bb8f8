"""What is remembered is of the very code that would make it again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data_pipeline.storage.code_version import ROOT, code_version, imported_modules

REMEMBERED = (
    "data_pipeline.police.results_store",
    "data_pipeline.police.read",
    "data_pipeline.publish.facts",
    "data_pipeline.geography.prepare",
)
"""The modules whose results are kept between builds."""

TOY = {
    "toy/__init__.py": '"""A package."""\n',
    "toy/reader.py": '''"""Reads."""

from .rules import limit
from .words import say as tell


def read(text):
    """Read."""
    from . import late

    return tell(text[:limit(3)]) + late.END
''',
    "toy/rules.py": "def limit(count):\n    return count\n",
    "toy/other_rules.py": "def limit(count):\n    return count + 1\n",
    "toy/words.py": "import json\n\n\ndef say(text):\n    return json.dumps(text)\n",
    "toy/late.py": "END = '.'\n",
    "toy/unrelated.py": "from .reader import read\n",
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    for name, text in TOY.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def version_of(root: Path, module: str = "toy.reader") -> str:
    """Return the version of a toy, as a process that has just started would."""
    script = (
        "import sys; from pathlib import Path; "
        "from data_pipeline.storage.code_version import code_version; "
        "print(code_version(sys.argv[1], (), Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", script, module, str(root)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def edit(root: Path, name: str, old: str, new: str) -> None:
    file = root / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize("module", REMEMBERED)
def test_every_module_that_is_really_imported_is_in_the_hash(module: str) -> None:
    script = f"import {module}, sys; print(*(n for n in sys.modules if n.startswith('data_pip')))"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(ran.stdout.split()) <= imported_modules(module)


@pytest.mark.parametrize("module", REMEMBERED)
def test_what_only_shows_or_fetches_is_not_in_it(module: str) -> None:
    rooms = {name.split(".")[1] for name in imported_modules(module) if "." in name}
    assert not rooms & {"commands", "demo", "download", "report", "build"}


def test_an_imported_module_is_found_wherever_the_import_stands(toy: Path) -> None:
    assert imported_modules("toy.reader", toy) == {
        *("toy", "toy.reader", "toy.rules", "toy.words", "toy.late"),
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("toy/unrelated.py", "read", "limit"),
        ("toy/other_rules.py", "1", "2"),
        ("toy/rules.py", "def", "# Why it is so.\ndef"),
        ("toy/reader.py", '"""Read."""', '"""Read some text."""'),
        ("toy/__init__.py", "A package", "The package"),
    ],
)
def test_a_change_that_changes_nothing_keeps_what_is_remembered(
    toy: Path, name: str, old: str, new: str
) -> None:
    before = version_of(toy)
    edit(toy, name, old, new)
    assert version_of(toy) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("toy/reader.py", "limit(3)", "limit(4)"),
        ("toy/rules.py", "return count", "return 2 * count"),
        ("toy/late.py", "'.'", "'!'"),
        ("toy/words.py", "json.dumps(text)", "text"),
        ("toy/reader.py", "from .rules import", "from .other_rules import"),
        ("toy/words.py", "import json", "import orjson as json"),
    ],
)
def test_a_change_of_what_is_done_is_a_change_of_the_version(
    toy: Path, name: str, old: str, new: str
) -> None:
    before = version_of(toy)
    edit(toy, name, old, new)
    assert version_of(toy) != before


def test_moving_a_module_keeps_what_is_remembered(toy: Path) -> None:
    before = version_of(toy)
    room = toy / "toy" / "room"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room."""\n')
    (toy / "toy/rules.py").rename(room / "limits.py")
    edit(toy, "toy/reader.py", "from .rules import", "from .room.limits import")
    assert version_of(toy) == before
    (toy / "toy/reader.py").rename(room / "reading.py")
    edit(toy, "toy/room/reading.py", "from .room.limits", "from .limits")
    edit(toy, "toy/room/reading.py", "from .words", "from ..words")
    edit(toy, "toy/room/reading.py", "from . import late", "from .. import late")
    assert version_of(toy, "toy.room.reading") == before


def test_a_library_of_another_version_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_version("data_pipeline.publish.facts", ("pyarrow",))
    code_version.cache_clear()
    monkeypatch.setattr("data_pipeline.storage.code_version.version", lambda library: "0")
    assert code_version("data_pipeline.publish.facts", ("pyarrow",)) != before
    code_version.cache_clear()
