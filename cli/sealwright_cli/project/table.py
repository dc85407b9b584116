"""All fields of a project file: their forms and meanings. The JSON schema and the reference page are made of it.

`reading` turns what was read by it into a project, and checks what concerns several fields.
"""

import os
import re
from typing import Any

from sealwright_cli.certificates.request import MIN_PIN_DIGITS
from sealwright_cli.files.globs import glob
from sealwright_cli.project.ruleids import RULE_IDS
from sealwright_cli.project.shapes import Field, ListOf, MapOf, Object, Text, Texts, one_of
from sealwright_crypto import Scope
from sealwright_manifests.names import LABEL_VALUE, QUALIFIED_NAME, is_label_value, is_namespace, is_qualified_name

PLACEHOLDERS = {
    "target": "the target's name",
    "folder": "the folder of the file that is sealed",
    "name": "the name of the file that is sealed, without its ending: `db` for `apps/shop/db.yaml`",
}
"""What `output` may hold in braces, and what it stands for."""
TARGET_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_PIN = re.compile(rf"[0-9A-Fa-f]{{{MIN_PIN_DIGITS},64}}")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_DNS_LABEL = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"


def _wrong_path(written: str) -> str:
    if "{" in written or "\\" in written.replace("\\\\", "").replace("\\*", ""):
        return "braces and backslashes are no part of a path's glob"
    if written.startswith("!"):
        return "a path that begins with ! takes nothing back here"
    if ".." in written.split("/"):
        return "a path goes down from the project file's folder only"
    return "" if glob(written).body.strip("*/") or "*" in written else "a path that fits nothing"


def _wrong_name(written: str) -> str:
    return "" if re.fullmatch(TARGET_NAME, written) else "no target can have this name"


def _wrong_namespace(written: str) -> str:
    return "" if is_namespace(written) else "no namespace can have this name"


def _wrong_pin(written: str) -> str:
    digits = re.sub(r"[:\s]", "", written)
    return "" if _PIN.fullmatch(digits) else f"no fingerprint: {MIN_PIN_DIGITS} to 64 hexadecimal digits are expected"


def _wrong_output(written: str) -> str:
    is_below = written.startswith("{folder}") or not os.path.normpath(written).startswith(("/", "~", ".."))
    if not is_below:
        return "outside the project file's folder: whoever writes this file could have others overwritten"
    unknown = [name for name in _IN_BRACES.findall(written) if name not in PLACEHOLDERS]
    return "a name in braces that stands for nothing" if unknown or re.sub(_IN_BRACES, "", written) == "" else ""


def _wrong_label_name(written: str) -> str:
    return "" if is_qualified_name(written) else "no label or annotation can have this name"


def _wrong_label(written: str) -> str:
    return "" if is_label_value(written) else "no label can have this value"


def _wrong_lint_id(written: str) -> str:
    is_known = written.startswith("SW") and any(one.startswith(written) for one in RULE_IDS)
    return "" if is_known else "no rule of lint has this id, or begins so"


_NAME = Text("a name")
_PINS = Texts(
    Text(
        "a fingerprint",
        _wrong_pin,
        "sealwright cert pin writes it; sealwright cert show prints it",
        {"pattern": f"^[0-9A-Fa-f:\\s]{{{MIN_PIN_DIGITS},}}$"},
    )
)
_LINT_IDS = Texts(
    Text(
        "a rule's id",
        _wrong_lint_id,
        "ids are like SW101; SW1 means all that begin so; sealwright lint --rules lists all",
    )
)
_OUTER_HINT = "write names and values, such as team: shop"

_LINT = Object(
    "lint",
    {
        "select": Field(_LINT_IDS, "the rules of lint that count: ids, or beginnings of ids"),
        "ignore": Field(_LINT_IDS, "the rules of lint that do not count; in a rule, besides those for all files"),
    },
)
_CONTROLLER = Object(
    "controller",
    {
        "namespace": Field(Text("a namespace", _wrong_namespace), "the namespace of the controller's Service"),
        "name": Field(_NAME, "the name of the controller's Service"),
    },
)
CERTIFICATE_FIELDS = {
    "certificate": Field(
        Text("a file or URL"),
        "the certificate to seal with: a file, counted from the project file's folder, or a URL",
    ),
    "context": Field(
        _NAME,
        "the context of the kubeconfig for this cluster: without certificate, its controller is asked for one",
    ),
    "controller": Field(_CONTROLLER, "where the controller is, unless it is in its usual place"),
    "pin": Field(_PINS, "the fingerprint, or the fingerprints, of the keys that may be sealed with"),
}
"""What says which certificate is meant, in a target or in a rule."""

TARGET = Object("a target", CERTIFICATE_FIELDS)
RULE = Object(
    "a rule",
    {
        "path": Field(
            Texts(Text("a glob", _wrong_path, "write globs as in .gitignore, and several as a list")),
            "globs as in .gitignore, counted from the project file's folder, for the files that the rule is for",
            is_required=True,
        ),
        "target": Field(Texts(_NAME), "the name of a target, or a list of them: then there is one file for each"),
        **CERTIFICATE_FIELDS,
        "namespace": Field(
            Text("a namespace", _wrong_namespace, "", {"pattern": _DNS_LABEL}),
            "the namespace for files that name none",
        ),
        "scope": Field(
            one_of([one.value for one in Scope], "a scope"), "the scope of Secrets whose annotations name none"
        ),
        "output": Field(
            Text(
                "a file's name",
                _wrong_output,
                "it may hold {target}, {folder} (the file's folder) and {name} (its name without its ending)",
            ),
            "where sealed files go unless the command line says so: below the project file's folder, counted from it; "
            + ", ".join(f"{{{name}}} is {meaning}" for name, meaning in PLACEHOLDERS.items()),
        ),
        "outer": Field(
            Object(
                "outer",
                {
                    "labels": Field(
                        MapOf(
                            Text("a label", _wrong_label, "", {"pattern": f"^{LABEL_VALUE}$"}),
                            "labels",
                            _wrong_label_name,
                            _OUTER_HINT,
                            f"^{QUALIFIED_NAME}$",
                        ),
                        "labels of the SealedSecret itself",
                    ),
                    "annotations": Field(
                        MapOf(Text("a text"), "annotations", _wrong_label_name, _OUTER_HINT, f"^{QUALIFIED_NAME}$"),
                        "annotations of the SealedSecret itself, such as Argo CD's sync waves",
                    ),
                },
            ),
            "labels and annotations of the SealedSecret itself, not of the Secret",
        ),
        "lint": Field(_LINT, "which rules of lint count for these files"),
    },
)
PROJECT = Object(
    "a project file",
    {
        "targets": Field(
            MapOf(
                TARGET, "targets", _wrong_name, "give each cluster a name, and its fields below it", f"^{TARGET_NAME}$"
            ),
            "the clusters to seal for, by a name of yours",
        ),
        "rules": Field(
            ListOf(RULE, "a list of rules"),
            "what counts for which files; the first rule that fits a file counts, alone",
        ),
        "lint": Field(_LINT, "which rules of lint count for all files"),
    },
)


def schema() -> dict[str, Any]:
    """Return the JSON schema of a project file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sealwright's project file, .sealwright.yaml",
        **PROJECT.schema(),
    }
