"""All verbs: where each is, and what lists of verbs say of it. A verb's module is imported when it is needed."""

import importlib
from collections.abc import Mapping, Sequence

from sealwright_cli.commandline.spec import Verb

VERBS: Mapping[str, tuple[str, str]] = {
    "seal": ("sealing.seal", "Turn Secrets into SealedSecrets."),
    "raw": ("sealing.raw", "Seal one value and print its ciphertext."),
    "create": ("sealing.create", "Make a SealedSecret without a file of plaintext."),
    "set": ("changing.set_items", "Set values of items in a SealedSecret."),
    "edit": ("changing.edit", "Edit a SealedSecret in an editor."),
    "unset": ("changing.unset", "Remove items from a SealedSecret."),
    "rename": ("changing.rename", "Rename an item of a SealedSecret."),
    "unseal": ("opening.unseal", "Recover Secrets from SealedSecrets with private keys."),
    "merge": ("sealing.merge", "Add or replace items of a SealedSecret."),
    "inspect": ("knowing.inspect", "Show what is in sealed files: items, sizes, keys, ages."),
    "explain": ("knowing.explain", "Say why a SealedSecret would not unseal."),
    "verify": ("knowing.verify", "Check SealedSecrets in files and with the controller."),
    "diff": ("knowing.diff", "Tell what differs between SealedSecrets, without their values."),
    "lint": ("knowing.lint", "Find what is wrong with the manifests of a repository."),
    "reencrypt": ("opening.reencrypt", "Encrypt the items of SealedSecrets to the newest key."),
    "render": ("opening.render", "Preview what the templates of SealedSecrets make."),
    "cert show": ("cert.show", "Show a certificate: fingerprint, size, age and validity."),
    "cert fetch": ("cert.fetch", "Save the controller's certificate, for later use with --cert."),
    "cert check": (
        "cert.check",
        "Check certificates: age, end, pin, newer ones.",
    ),
    "cert pin": ("cert.pin", "Pin the keys of certificates in the project file."),
    "init": ("project.init", "Write a project file, .sealwright.yaml."),
    "config show": ("project.show", "Show what the project file says of a file, and why."),
    "kustomize": ("sealing.kustomize", "Seal the Secrets that Kustomize makes, as its function or plug-in."),
    "git install": ("git.install", "Let Git show and merge SealedSecrets item by item."),
    "git uninstall": ("git.uninstall", "Take back what git install set up."),
    "git textconv": ("git.textconv", "Show a file as git diff does: digests and keys instead of ciphertexts."),
    "git merge": ("git.merge", "Merge three versions of a file into OURS, item by item."),
}
"""Verb → its module in the folder of commands, and the first sentence of its help."""

GROUPS: Mapping[str, tuple[str, str]] = {
    "cert": ("Fetch, show, check or pin a certificate.", "sealwright cert fetch -w cert.pem"),
    "config": ("Show what the project file says.", "sealwright config show apps/db.yaml"),
    "git": ("Let Git show and merge SealedSecrets item by item.", "sealwright git install"),
}
"""First word of several verbs → what the list of verbs says of them, and lines of a shell."""

HIDDEN = frozenset({"git textconv", "git merge", "kustomize"})
"""Verbs that lists leave out: other programs call them."""


def find(words: Sequence[str]) -> tuple[str, int]:
    """Return the verb that a command line begins with, and of how many words it is; no verb and 0 if it has none."""
    for count in (1, 2):
        name = " ".join(words[:count])
        if name in VERBS and len(words) >= count:
            return name, count
    return "", 0


def with_options(words: Sequence[str]) -> list[str]:
    """Return a command line with --help and --version for the words `help`, which other words follow, and `version`."""
    match words:
        case ["version"]:
            return ["--version"]
        case ["help", *rest]:
            return [*(word for word in rest if word not in ("help", "--help", "-h")), "--help"]
    return list(words)


def load(name: str) -> Verb:
    """Return a verb by its name."""
    verb: Verb = importlib.import_module(f"sealwright_cli.commands.{VERBS[name][0]}").VERB
    return verb
