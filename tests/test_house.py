"""The rules of the house, each a test: layers, sizes, docstrings, public names, and what is not to be written down."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from re._parser import SubPattern
from re._parser import parse as parse_pattern
from typing import Any

import pytest
from tests.support.repository import PACKAGES, ROOT, project_files, shown, source_files

LONGEST_FILE_LINES = 400
MOST_MODULES = 20
CONTRACTS = ("contracts.toml", "templating/contracts.toml", "cli/contracts.toml")
SORTED_BY_AN_INDEX = {PACKAGES["sealwright_templating"] / "functions"}
"""Here each family of functions has a file, and `index.py` says which."""

RECORDED = ROOT / "tests/vectors/gotemplate/given"
"""What was recorded is left as it is: such names are data there, and nobody is sent to them."""

PUBLIC = {
    "sealwright_conventions": set[str](),
    "sealwright_crypto": {
        "API_VERSION", "HINT_ANNOTATION", "KIND", "Certificate", "CertificateExpiredError", "DecryptionError", "Envelope",
        "FieldProblem", "Fingerprint", "FormatError", "KeyMaterialError", "Keyring", "Label", "ManifestError", "Opened",
        "OperationCounter", "OperationMeter", "Pace", "PausedError", "PrivateKey", "Render", "Resealed", "Scope", "ScopeError",
        "SealedSecret", "SealingKey", "SealwrightCryptoError", "Secret", "Template", "UnsealError", "Unsealed", "check_form", "check_opens",
        "check_tls_pair", "fingerprint_of",
        "generate_sealing_key", "hint_renamed", "hint_with", "hint_without", "label_for", "load_certificate", "load_private_keys", "load_sealing_key", "open_item", "parse_item",
        "read_hints", "reseal", "scope_annotations", "scope_of", "seal", "seal_item", "unseal", "update_hint",
        "LEGACY_ITEM", "weaknesses_of",
    },
    "sealwright_templating": {
        "OUTPUT_LIMIT_BYTES", "Limits", "Template", "TemplateError", "TemplateExecutionError", "TemplateLimitError",
        "TemplateParseError", "parse", "render",
    },
    "sealwright_manifests": set[str](),
    "sealwright_cli": set[str](),
    "sealwright_controller": {"__version__"},
}  # fmt: skip

REGISTRIES = {  # in parts, so that this file names none
    "org": "py(?:pi|thonhosted)",
    "golang.org": "proxy|sum",
    "io": "ghcr|quay|docker|gcr",
    "k8s.io": "registry",
}
FORBIDDEN = {
    "a registry host": re.compile(
        "|".join(rf"\b(?:{names})\.{re.escape(domain)}\b" for domain, names in REGISTRIES.items())
    ),
    "a path of one machine": re.compile(r"/work/(?:main|shared)\b|/root/\.|/tmp/(?:brief|v3\d+)\b"),
}


@pytest.mark.parametrize("contracts", CONTRACTS)
def test_imports_keep_to_the_layers(contracts: str) -> None:
    program = f"import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename={contracts!r}, no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_fits_in_a_head() -> None:
    read = [path for path in project_files() if not is_test(path) and path.name != "go.sum"]  # Go's own checksums
    lengths = {shown(path): path.read_bytes().count(b"\n") for path in read}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_every_room_can_be_taken_in_at_a_glance() -> None:
    modules = Counter(path.parent for path in source_files() if path.name != "__init__.py")
    rooms = {path.parent for path in source_files()}
    crowded = [folder for folder, count in modules.items() if count > MOST_MODULES and folder not in SORTED_BY_AN_INDEX]
    assert [shown(folder) for folder in crowded if not any(folder in room.parents for room in rooms)] == []


def test_every_room_has_a_contract_that_names_all_that_is_in_it() -> None:
    folders = {path.parent for path in source_files()}
    rooms = {".".join(folder.relative_to(ROOT).parts[1:]) for folder in folders}
    files = [tomllib.loads((ROOT / name).read_text(encoding="utf-8")) for name in CONTRACTS]
    contracts = [one for settings in files for one in settings["tool"]["importlinter"]["contracts"]]
    assert rooms == {room for one in contracts if one.get("exhaustive") for room in one["containers"]} - {"tools"}


@pytest.mark.parametrize("path", source_files(), ids=shown)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has none"
    assert [name for name, node in public_definitions(tree) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_these(package: str) -> None:
    module = importlib.import_module(package)
    assert set(getattr(module, "__all__", ())) == PUBLIC[package]
    for name in PUBLIC[package]:
        assert hasattr(module, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_are_told_that_the_package_is_typed(package: str) -> None:
    assert (PACKAGES[package] / "py.typed").is_file()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_mentions(what: str) -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:80]}"
        for path in project_files()
        if path != Path(__file__) and RECORDED not in path.parents
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_the_only_private_keys_that_are_kept_are_those_of_tests() -> None:
    found = [path for path in project_files() if holds_a_private_key(path.read_bytes())]
    assert len(found) > 10
    assert [shown(path) for path in found if not is_test(path)] == []


def holds_a_private_key(content: bytes) -> bool:
    """Tell whether a whole key stands there, as PEM has it, also within JSON: a mention of its first line is none."""
    return bool(re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n)+[^-\\]{32}", content))


def is_test(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] == "tests"


Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public_definitions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Documented]]:
    """Yield the public classes and functions of a module, and the public methods of those classes."""
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{prefix}{node.name}.")


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield the regular expressions that stand in our modules, with their names."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if found.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


def loses_its_place(part: Any) -> bool:
    """Tell whether a part of a parsed pattern repeats something possessively that may fail behind its first character.

    Before 3.11.5, Python then goes on behind what did not match (python/cpython#106052).
    """
    for operation, arguments in part:
        if str(operation) == "POSSESSIVE_REPEAT" and any(map(may_fail_behind_its_beginning, parts_in(arguments))):
            return True
        if any(map(loses_its_place, parts_in(arguments))):
            return True
    return False


def may_fail_behind_its_beginning(part: Any) -> bool:
    """Tell whether there is a repetition in a part that is not all of it, and not its end that may be empty."""
    for index, (operation, arguments) in enumerate(part):
        if str(operation) in REPEATS and len(part) > 1 and not (index == len(part) - 1 and arguments[0] == 0):
            return True
        if any(map(may_fail_behind_its_beginning, parts_in(arguments))):
            return True
    return False


def parts_in(arguments: Any) -> Iterator[SubPattern]:
    """Yield the parts of a pattern that an operation is about."""
    if isinstance(arguments, SubPattern):
        yield arguments
    elif isinstance(arguments, tuple | list):
        for one in arguments:
            yield from parts_in(one)


def test_every_pattern_means_the_same_in_each_python_that_we_support() -> None:
    assert loses_its_place(parse_pattern("1(?:_[0-9]++)*+"))
    found = dict(patterns())
    assert len(found) > 100
    assert [
        name for name, one in found.items() if loses_its_place(parse_pattern(one.pattern, one.flags & re.VERBOSE))
    ] == []
