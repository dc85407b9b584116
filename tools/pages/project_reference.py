"""docs/reference/project-file.md and its JSON schema: all fields of a project file. Run this file to write them."""

import argparse
import json
from collections.abc import Iterator, Mapping

from sealwright_cli.project.shapes import Field, ListOf, MapOf, Object, Texts
from sealwright_cli.project.table import PLACEHOLDERS, PROJECT, RULE, TARGET, schema
from tools.checkout import ROOT

PAGE = ROOT / "docs" / "reference" / "project-file.md"
SCHEMA = ROOT / "docs" / "reference" / "project-file.schema.json"
_HEAD = """\
# The project file

`.sealwright.yaml` says once what would otherwise be options of every command: which certificate, namespace and scope
count for which files. `sealwright init` writes one by looking at the tree, and [several
clusters](../guides/several-clusters.md) shows one at work. `sealwright config show FILE` says what counts for a file.

```yaml
targets:
  staging:
    certificate: certs/staging.pem
  production:
    certificate: certs/production.pem
    context: production
    pin: "574d6985e08313787163b8e32718770d5b3f876f05f783e4db3f3ca5b8caac26"
rules:
  - path: apps/shop/production/**
    target: production
    namespace: shop
  - path: apps/shop/secret.yaml
    target: [staging, production]
    namespace: shop
    output: apps/shop/{target}/db.yaml
  - path: "**"
    target: staging
    scope: namespace-wide
lint:
  ignore: [SW302]
```

## Which file, and which rule

- The nearest `.sealwright.yaml` counts: in the file's folder or above it, up to the root of the Git repository (without
  one, of the file system). Others above it do not count. `--config FILE` names another one, `--no-config` none. Standard
  input counts as a file called `-` in the working folder.
- **The first rule that fits counts, alone**, as in `.sops.yaml`. A later rule adds nothing. A rule that could never count
  is an error: one with the path of an earlier rule, or behind one that fits all that it fits. Where two rules fit a file,
  `config show` names the one that comes later too.
- A `path` is a glob [as in .gitignore](https://git-scm.com/docs/gitignore), counted from the project file's folder: `*`
  and `?` stop at a slash, `**` does not; a glob without a slash is a name at any depth; one that fits a folder fits all
  that is in it. Several globs are a list. A glob that fits no file is a warning of `config show`.
- The command line wins, then the file itself (its namespace, its annotations for the scope), then the project file, then
  the environment: `SEALWRIGHT_CERT` is for files of which no project file says the certificate. `--cert`, `--context`,
  `--kubeconfig` and `--server` take the place of the target; its pins still count, unless `--cert-fingerprint` is given.
- If there are targets, each rule has to name one, and a file that no rule fits is not sealed for whatever cluster is
  current: it is an error.
- A mistake is told with line and column, and the whole file is read before anything is done.
- A project file that another user of the machine may have put there is refused (exit status 7): it would say for whom
  you seal.

Verbs that seal use all of it. All others that take files use the namespace. `verify`, `explain --cluster` and
`reencrypt` ask the cluster in the target's context; `reencrypt --key` seals with its certificate. `inspect`, `explain`
and `lint` compare each file with its target's certificate, `lint` by the rules that the project file names. `cert fetch
--target` asks a target's cluster.

"""
_TAIL = """\
## The JSON schema

[project-file.schema.json](project-file.schema.json) is for editors. With the YAML language server, the first line of the
project file may be:

```yaml
# yaml-language-server: $schema=docs/reference/project-file.schema.json
```
"""


def render() -> str:
    """Return the page."""
    return "".join(
        [
            _HEAD,
            _section("Fields", PROJECT.fields),
            _section("Fields of a target", TARGET.fields, "Below `targets`, each cluster has a name and these fields."),
            _section(
                "Fields of a rule",
                RULE.fields,
                "Instead of `target`, a rule may have the fields of a target itself.",
            ),
            _placeholders(),
            _TAIL,
        ]
    )


def schema_text() -> str:
    """Return the JSON schema."""
    return json.dumps(schema(), indent=2) + "\n"


def _placeholders() -> str:
    rows = "".join(f"| `{{{name}}}` | {meaning} |\n" for name, meaning in PLACEHOLDERS.items())
    return f"## Placeholders of output\n\n| in `output` | stands for |\n|---|---|\n{rows}\n"


def _section(title: str, fields: Mapping[str, Field], text: str = "") -> str:
    rows = "".join(f"| `{name}` | {kind} | {meaning} |\n" for name, kind, meaning in _rows(fields, ""))
    return f"## {title}\n\n{text}{chr(10) * 2 if text else ''}| field | value | meaning |\n|---|---|---|\n{rows}\n"


def _rows(fields: Mapping[str, Field], before: str) -> Iterator[tuple[str, str, str]]:
    for name, one in fields.items():
        yield f"{before}{name}", _kind(one), one.meaning + (" (required)" if one.is_required else "")
        if isinstance(one.shape, Object):
            yield from _rows(one.shape.fields, f"{before}{name}.")


def _kind(one: Field) -> str:
    match one.shape:
        case Texts(each=each):
            return f"{each.what}, or a list"
        case ListOf():
            return "list"
        case MapOf() | Object():
            return "map"
    enum = one.shape.schema().get("enum")
    return ", ".join(f"`{word}`" for word in enum) if enum else str(getattr(one.shape, "what", "text"))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text(render(), encoding="utf-8", newline="\n")
    SCHEMA.write_text(schema_text(), encoding="utf-8", newline="\n")
