"""A hash of the code that makes a result, so that what is remembered of it is never stale.

The code is what a module really imports, found by walking its imports within the project. Each
module counts by what it does: comments and docstrings are left out, and an import counts by what
stands in the imported module, not by what that is called. Moving or renaming a file therefore
keeps what is remembered, and importing the same name from elsewhere does not.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""Directory in which the project's packages lie."""

Edge = tuple[str, str]
"""What an import names: a module within the project, and a name in it ("" for all of it)."""


@cache
def code_version(module: str, libraries: tuple[str, ...] = (), root: Path = ROOT) -> str:
    """Return a hash of a module, of all that it imports within the project, and of libraries.

    Parameters
    ----------
    module : str
        Dotted name.
    libraries : tuple of str
        Installed packages whose version decides the result too.
    root : Path
        Directory in which the project's packages lie.
    """
    modules = imported_modules(module, root)
    parts = sorted(_digest(name, root) for name in modules if _own_digest(name, root) != _NOTHING)
    parts += [f"{library} {version(library)}" for library in libraries]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def imported_modules(module: str, root: Path = ROOT) -> set[str]:
    """Return the names of a module and of every module that importing it runs, in the project."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or _file(name, root) is None:
            continue
        found.add(name)
        waiting += [target for target, _ in _edges(name, root)]
        waiting.append(name.rpartition(".")[0])
    return found


def _file(module: str, root: Path) -> Path | None:
    place = root.joinpath(*module.split(".")) if module else root
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if module and file.is_file():
            return file
    return None


@cache
def _tree(file: Path) -> ast.Module:
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            body[0] = ast.Pass()
    return tree


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _edges(module: str, root: Path) -> list[Edge]:
    """Return what a module imports within the project, in order."""
    file = _file(module, root)
    if file is None:
        return []
    return [
        edge
        for node in ast.walk(_tree(file))
        for edge in _targets(node, module, root, is_package=file.name == "__init__.py")
    ]


def _targets(node: ast.AST, module: str, root: Path, *, is_package: bool) -> Iterator[Edge]:
    if isinstance(node, ast.Import):
        yield from ((name.name, "") for name in node.names if _file(name.name, root))
    elif isinstance(node, ast.ImportFrom):
        source = _source(node, module, is_package=is_package)
        for name in node.names:
            inner = f"{source}.{name.name}"
            if _file(inner, root):
                yield inner, ""
            elif _file(source, root):
                yield source, name.name


def _source(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = len(parts) - node.level + is_package
    return ".".join([*parts[:kept], *([node.module] if node.module else [])])


def _digest(module: str, root: Path) -> str:
    """Return a hash of what a module does, and of what the modules that it imports do."""
    edges = sorted((_own_digest(target, root), name) for target, name in _edges(module, root))
    return _hash([_own_digest(module, root), *map(repr, edges)])


@cache
def _own_digest(module: str, root: Path) -> str:
    """Return a hash of a module's statements; of imports within the project, only the names."""
    file = _file(module, root)
    assert file is not None
    outside = _WithoutProject(module, root, is_package=file.name == "__init__.py")
    statements = [outside.visit(node) for node in ast.parse(ast.unparse(_tree(file))).body]
    dumped = [ast.dump(node) for node in statements if not isinstance(node, ast.Pass)]
    return _hash(dumped)


class _WithoutProject(ast.NodeTransformer):
    """Replaces every import from the project by the names that it brings."""

    def __init__(self, module: str, root: Path, *, is_package: bool) -> None:
        self._module, self._root, self._is_package = module, root, is_package

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if not any(_targets(node, self._module, self._root, is_package=self._is_package)):
            return node
        names = sorted(name.asname or name.name for name in node.names)
        return ast.Expr(ast.Constant(f"imports {' '.join(names)}"))


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_NOTHING = _hash([])
"""Hash of a module without statements, such as a package that is only a folder."""
