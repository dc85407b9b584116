"""The names that `sealwright_crypto` offers: others build on them, so a change here is a decision."""

import dataclasses
import inspect
import subprocess
import sys

import pytest

import sealwright_crypto as crypto

FUNCTIONS = {
    "check_form": "(sealed)",
    "check_opens": "(sealed, keyring)",
    "check_tls_pair": "(certificate, key)",
    "fingerprint_of": "(public_key)",
    "generate_sealing_key": "(*, now, bits, lifetime, common_name)",
    "hint_renamed": "(text, old, new)",
    "hint_with": "(annotations, items, item, sealed)",
    "hint_without": "(text, item)",
    "label_for": "(scope, namespace, name)",
    "load_certificate": "(pem)",
    "load_private_keys": "(pem)",
    "load_sealing_key": "(certificate_pem, key_pem)",
    "open_item": "(item, key, label)",
    "parse_item": "(item)",
    "read_hints": "(annotations)",
    "reseal": "(sealed, keyring, certificate)",
    "scope_annotations": "(scope)",
    "scope_of": "(annotations)",
    "seal": "(secret, certificate, *, scope, hints)",
    "seal_item": "(plaintext, certificate, label)",
    "unseal": "(sealed, keyring, render, pace)",
    "update_hint": "(annotations, items, sealed)",
    "weaknesses_of": "(certificate, now)",
}
CLASSES = {
    "Certificate": {
        "bits",
        "check_not_expired",
        "fingerprint",
        "not_after",
        "not_before",
        "pem",
        "public_key",
        "subject",
    },
    "CertificateExpiredError": set(),
    "DecryptionError": set(),
    "Envelope": {"fits", "payload", "wrapped_key"},
    "FieldProblem": {
        "COLLECTION_FOR_TEXT",
        "HALF_CHARACTER",
        "NOT_BASE64",
        "NO_MAP",
        "NO_SECRET",
        "NO_TEXT",
        "OTHER",
        "UNKNOWN_FIELD",
    },
    "FormatError": set(),
    "KeyMaterialError": set(),
    "Keyring": {"fingerprints", "in_order", "open", "unwraps"},
    "ManifestError": set(),
    "Opened": {"fingerprint", "plaintext"},
    "OperationCounter": {"increment", "value"},
    "OperationMeter": {"increment"},
    "Pace": {"has_time"},
    "PausedError": set(),
    "PrivateKey": {"bits", "fingerprint", "pem", "raw"},
    "Resealed": {"fingerprints", "manifest", "sealed"},
    "Scope": {"CLUSTER_WIDE", "NAMESPACE_WIDE", "STRICT"},
    "ScopeError": set(),
    "SealedSecret": {
        "annotations",
        "from_dict",
        "items",
        "label",
        "legacy",
        "name",
        "namespace",
        "scope",
        "template",
        "to_dict",
    },
    "SealingKey": {"certificate", "fingerprint", "private_key"},
    "SealwrightCryptoError": set(),
    "Secret": {
        "annotations",
        "from_dict",
        "immutable",
        "items",
        "metadata",
        "name",
        "namespace",
        "to_dict",
        "type",
    },
    "Template": {"data", "immutable", "metadata", "type"},
    "UnsealError": set(),
    "Unsealed": {"fingerprints", "secret"},
}
VALUES = {"API_VERSION", "HINT_ANNOTATION", "KIND", "LEGACY_ITEM", "Fingerprint", "Label", "Render"}


def public_members(kind):
    """Return the public names that a class adds to its bases."""
    fields = {field.name for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
    return fields | {name for name in vars(kind) if not name.startswith("_")}


def test_the_names_are_these():
    assert set(crypto.__all__) == set(FUNCTIONS) | set(CLASSES) | VALUES
    assert all(hasattr(crypto, name) for name in crypto.__all__)


@pytest.mark.parametrize(("name", "parameters"), FUNCTIONS.items(), ids=FUNCTIONS)
def test_function(name, parameters):
    signature = inspect.signature(getattr(crypto, name))
    bare = [each.replace(annotation=each.empty, default=each.empty) for each in signature.parameters.values()]
    assert str(inspect.Signature(bare)) == parameters


@pytest.mark.parametrize(("name", "members"), CLASSES.items(), ids=CLASSES)
def test_class(name, members):
    assert public_members(getattr(crypto, name)) == members


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_every_public_name_is_explained(name):
    thing = getattr(crypto, name)
    assert thing.__doc__
    if inspect.isclass(thing) and thing is not crypto.Scope:
        methods = [member for key, member in vars(thing).items() if not key.startswith("_") and callable(member)]
        assert all(method.__doc__ for method in methods)


@pytest.mark.parametrize("name", [name for name in CLASSES if dataclasses.is_dataclass(getattr(crypto, name))])
def test_dataclasses_do_not_change(name):
    assert getattr(crypto, name).__dataclass_params__.frozen


def test_importing_it_loads_nothing_of_the_shells():
    """The core is pure: no Kubernetes client, YAML, terminal or web server comes with it."""
    probe = "import sys, sealwright_crypto; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert "sealwright_crypto" in loaded
    assert not {"kubernetes", "ruamel", "typer", "rich", "structlog", "waitress", "prometheus_client"} & set(loaded)
