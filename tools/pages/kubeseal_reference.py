"""The page docs/reference/kubeseal.md: help, flags and what differs from kubeseal. Run this file to write it anew."""

from collections import Counter
from typing import Any

from sealwright_cli.kubeseal.flags import FLAGS, LOGGING, PREFIX
from sealwright_conventions.flags import Flag
from tools.checkout import ROOT
from tools.checks.kubeseal_parity import cases
from tools.pages.helptexts import help_of
from tools.pages.writing import write_page

PAGE = ROOT / "docs" / "reference" / "kubeseal.md"

_HEAD = """\
# The command `sealwright-kubeseal`

`sealwright-kubeseal` takes kubeseal's flags and does what kubeseal 0.38 does: link it as `kubeseal`, and scripts go on
working. [Switch from kubeseal](../guides/switch-from-kubeseal.md) shows how, and what the commands of `sealwright` do
better. The behaviour is held against {compat} cases recorded from kubeseal itself (`make parity`).

```text
{usage}```

## How flags are written

As Go programs read them: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`. A boolean takes its value
behind `=` only, and is `1 t T TRUE true True 0 f F FALSE false False`. Flags may not be abbreviated. Of a repeated flag the last
counts; lists (`strings`) add up, and a comma separates their values unless it stands in double quotes. `--` ends the flags.
Arguments that are not flags are passed over, as by kubeseal, with a warning.

Every flag but those for logging can be set by an environment variable: `SEALED_SECRETS_`, the flag in capitals, `_` for `-`.
The flag wins, for lists too. An empty variable counts as none; an invalid value is an error that names the variable.

| flag | variable | default |
|---|---|---|
{flags}

## What it does

Without a flag that says otherwise, the Secrets on standard input (or in `-f`) are sealed and printed (or written to `-w`).
One of these flags asks for something else; two of them together are refused, but `--fetch-cert` goes before `--merge-into`
and `--raw`.

| flag | does | needs |
|---|---|---|
| `--raw` | seals one value from standard input or `--from-file` | a certificate; by scope `--name` and a namespace |
| `--merge-into` | seals the Secret's items into a SealedSecret file | a certificate |
| `--fetch-cert` | writes the certificate | the controller, or `--cert` |
| `--validate` | asks whether the SealedSecrets can be unsealed | the controller |
| `--re-encrypt` | has the SealedSecrets sealed to the newest key; with `-f` and no `-w` that file is rewritten | the controller |
| `--recovery-unseal` | turns SealedSecrets into Secrets | `--recovery-private-key` |

The result is JSON, unless `-o yaml` is given or the name behind `-w` ends in `.yaml` or `.yml`. `--merge-into` and a
`--re-encrypt` that rewrites its file keep the form that the file has. Files are written whole or not at all; a Secret from
`--recovery-unseal` can be read by its owner only. The exit status is 0, or one of [these](exit-codes.md).

A namespace that neither the Secret nor `-n` names is that of the kubeconfig's context. `--merge-into` seals for the
SealedSecret's namespace; where it names none, for that of `-n` or the Secret, else the context's.

The controller is reached through the API server's service proxy. The right to `get` and `create` `services/proxy` on
`http:sealed-secrets-controller:http` is enough; only a Service whose port has another name has to be readable as well.

## What it does better, and so otherwise

Upstream's accidents are not copied. Each line is a case of the corpus, and a test of that name shows what is said here.

| case | kubeseal 0.38 | `sealwright-kubeseal` |
|---|---|---|
{quirks}

Besides, UTF-16 input, which kubeseal takes for garbage or for nothing, is named as such; a List and objects of other kinds
are refused with a hint to `sealwright seal`, which takes them; `--validate` and `--re-encrypt` take files with several
SealedSecrets; nothing is written unless all of the input is good. Where kubeseal writes through a link, or into a named
pipe, that somebody else may have put there, [it is refused](files.md).

What it leaves out on purpose: the annotation with [the key's fingerprint](../concepts/format.md), so that the output is what
kubeseal's would be. `sealwright seal` writes it, and the controller then finds the right one of many keys at once.
"""


def render() -> str:
    """Return the current content of the page."""
    usage = help_of("sealwright-kubeseal")
    flags = [flag for flag in FLAGS if flag not in LOGGING and not flag.hidden]
    quirks = [case for case in cases().values() if case["kind"] == "quirk"]
    kinds = Counter(case["kind"] for case in cases().values())
    return _HEAD.format(
        compat=kinds["compat"],
        usage=usage,
        flags="\n".join(_flag_row(flag) for flag in flags),
        quirks="\n".join(_quirk_row(case) for case in quirks),
    )


def _flag_row(flag: Flag) -> str:
    short = f", `-{flag.short}`" if flag.short else ""
    default = f"`{flag.default}`" if flag.default else ""
    return f"| `--{flag.name}`{short} | `{flag.variable(PREFIX)}` | {default} |"


def _quirk_row(case: dict[str, Any]) -> str:
    about = case["about"].rstrip(".")
    return f"| `{case['id']}` | {_cell(about)} | {_cell(case['done'])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    write_page(PAGE, render, __doc__)
