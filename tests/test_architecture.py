"""The rules between the parts of the package, held by reading its imports."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import skdeep
import skdeep.nn

PACKAGE = Path(skdeep.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
RUNTIME = {"numpy", "scipy", "sklearn", "joblib", "threadpoolctl", "narwhals", "skdeep"}
OPTIONAL = {
    "dask",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "rich",
    "skl2onnx",
    "skops",
    "starlette",
    "uvicorn",
}  # imported inside functions only

# Each folder may import the folders named here, besides itself; arrows go down only.
ALLOWED = {
    "utils": set(),
    "callbacks": {"utils"},
    "data": {"utils"},
    "nn": {"utils"},
    "neighbors": {"utils"},
    "linear_model": {"nn", "utils"},
    "neural_network": {"data", "preprocessing", "nn", "utils"},
    "preprocessing": {"nn", "utils"},
    "export": {"neighbors", "linear_model", "neural_network", "preprocessing", "nn", "utils"},
    "model_selection": {
        "neighbors",
        "linear_model",
        "neural_network",
        "preprocessing",
        "nn",
        "utils",
    },
    "cli": {
        "neighbors",
        "linear_model",
        "neural_network",
        "preprocessing",
        "model_selection",
        "serve",
        "utils",
    },
    "serve": {"utils"},
    "inspection": {
        "neighbors",
        "linear_model",
        "neural_network",
        "model_selection",
        "preprocessing",
        "nn",
        "utils",
    },
}


def imports(path):
    """Yield (module, imported names, is at module level) for every import, wherever it stands."""
    tree = ast.parse(path.read_text())
    top_level = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, [], id(node) in top_level
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the whole name"
            yield node.module, [alias.name for alias in node.names], id(node) in top_level


def folder(path):
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_declared_packages_are_imported(path):
    import sys

    for module, _, top_level in imports(path):
        package = module.split(".")[0]
        if package in sys.stdlib_module_names or package in RUNTIME:
            continue
        assert package in OPTIONAL, f"{path} imports {module}"
        assert not top_level, f"{path} needs {module} as soon as it is imported"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_go_down_only(path):
    here = folder(path)
    if not here:
        return
    for module, names, _ in imports(path):
        parts = module.split(".")
        if parts[0] != "skdeep":
            continue
        targets = [parts[1]] if len(parts) > 1 else [n for n in names if (PACKAGE / n).is_dir()]
        for target in targets:
            if target == here or target.startswith("_version"):
                continue
            assert target in ALLOWED[here], f"{path}: {here} must not import {target}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_private_of_scikit_learn_is_imported(path):
    for module, names, _ in imports(path):
        if module.split(".")[0] != "sklearn":
            continue
        private = [part for part in module.split(".") if part.startswith("_")]
        private += [name for name in names if name.startswith("_")]
        assert not private, f"{path} imports {module}: {private}"


@pytest.mark.parametrize(
    "path", [path for path in FILES if folder(path) == "nn"], ids=lambda path: path.name
)
def test_nn_reads_as_plain_mathematics(path):
    for module, _, _ in imports(path):
        assert module.split(".")[0] not in {"sklearn", "torch", "joblib"}, f"{path}: {module}"


LAYERS = {
    name
    for name, value in vars(skdeep.nn).items()
    if isinstance(value, type) and issubclass(value, skdeep.nn.Layer)
} - {"Layer"}


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if folder(p) not in ("", "inspection") and "layers" not in p.parts],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_layers_are_asked_what_they_do_and_not_what_they_are(path):
    """Only layers among themselves, and displays made for one kind of layer, name kinds."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            "isinstance",
            "issubclass",
        ):
            named = {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
            assert not named & LAYERS, f"{path}:{node.lineno} asks for {named & LAYERS}"


def test_no_folder_holds_more_files_than_can_be_overseen():
    sizes = Counter(path.parent for path in FILES)
    large = {str(room.relative_to(PACKAGE)): n for room, n in sizes.items() if n > 14}
    assert not large, f"these folders ask for rooms inside: {large}"


def test_there_is_no_circle_of_imports_not_even_one_inside_functions():
    def module_of(path):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    names = {module_of(path) for path in FILES}
    graph = {}
    for path in FILES:
        targets = set()
        for module, imported, _ in imports(path):
            submodules = {f"{module}.{name}" for name in imported} & names
            targets |= submodules or ({module} & names)
        graph[module_of(path)] = targets - {module_of(path)}

    done, path_now = set(), []

    def visit(name):
        if name in done:
            return
        assert name not in path_now, " -> ".join([*path_now[path_now.index(name) :], name])
        path_now.append(name)
        for target in sorted(graph[name]):
            visit(target)
        path_now.pop()
        done.add(name)

    for name in sorted(graph):
        visit(name)


# Where files are read or written, each where the user said.
FILES_OF_THE_USER = {
    "cli/command_compare.py",
    "cli/main.py",  # the null device
    "serve/loading.py",
    "utils/saving/state_file.py",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_data_is_run_no_pickle_loaded_no_connection_opened(path):
    """What SECURITY.md says."""
    loaders = {"pickle", "dill", "cloudpickle", "marshal", "shelve"}
    network = {"socket", "urllib", "http", "ftplib", "requests", "subprocess"}
    for module, _, _ in imports(path):
        assert module.split(".")[0] not in loaders | network, f"{path} imports {module}"
        if module.split(".")[0] == "uvicorn":  # which listens, where the user asks to serve
            assert str(path.relative_to(PACKAGE)) in ("serve/server.py", "serve/connections.py")
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if isinstance(node.func, ast.Name):
            assert called not in {"eval", "exec", "compile", "__import__"}, f"{path}:{node.lineno}"
        if called in {"open", "fdopen", "write_text", "write_bytes", "load", "save", "savez"}:
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if called in {"load", "save"} and owner not in {"np", "joblib"}:
                continue
            assert str(path.relative_to(PACKAGE)) in FILES_OF_THE_USER, f"{path}:{node.lineno}"
