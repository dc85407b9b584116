"""Writes the corpus of files with SealedSecrets: real-looking, each in another style. `python -m tests.vectors.corpus.make`.

All are ours. `{password}` in a shape is the ciphertext of that item; `{password:64:8}` is wrapped at 64 characters, with
8 blanks before each line but the first. The object to change is always shop/db, and its item is mostly `password`.
"""

import codecs
import json
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_pem_x509_certificate
from tests.vectors import seeded

HERE = Path(__file__).parent
FILES = HERE / "files"
VECTORS = HERE.parent
LONG = ".".join(["application", "production", "eu-central-1", "internal", "example"] * 4)[:200]
_SLOT = re.compile(r"\{([\w.-]+)(?::(\d+):(\d+))?\}")
_KEYS = {"": "envelope/key-2048.crt.pem", "other": "keys/other-2048.crt.pem"}


def ciphertext(item: str, label: str, key: str = "") -> str:
    """Return `value of ITEM` sealed under a label, always the same text."""
    public = load_pem_x509_certificate((VECTORS / _KEYS[key]).read_bytes()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    return seeded.seal(f"value of {item}".encode(), public, label.encode(), seed=f"{item} {label} {key}").text


def filled(shape: str, label: str = "shop/db", other: str = "") -> str:
    """Return a shape with its ciphertexts; the item `other` is sealed to the other key."""

    def fill(slot: re.Match[str]) -> str:
        item = LONG if slot[1] == "long" else slot[1]
        text = ciphertext(item, label, "other" if item == other else "")
        if not slot[2]:
            return text
        width, gap = int(slot[2]), "\n" + " " * int(slot[3])
        return gap.join(text[at : at + width] for at in range(0, len(text), width))

    return _SLOT.sub(fill, shape)


HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: shop\nspec:\n"
TAIL = "  template:\n    metadata:\n      name: db\n      namespace: shop\n"
PLAIN = f"{HEAD}  encryptedData:\n    password: {{password}}\n    user: {{user}}\n{TAIL}"
KUBESEAL = f"---\n{PLAIN}".replace("metadata:\n", "metadata:\n  creationTimestamp: null\n", 1).replace(
    "    metadata:\n", "    metadata:\n      creationTimestamp: null\n"
)
CONFIG_MAP = "# settings of the shop\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: shop}\ndata:\n  level: debug   # for now\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n      - name: shop\n        env:\n        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}\n"


def with_items(lines: str, head: str = HEAD, tail: str = TAIL) -> str:
    """Return an object with these lines below encryptedData."""
    return f"{head}  encryptedData:\n{lines}{tail}"


def manifest(items: dict[str, str]) -> dict[str, object]:
    """Return an object as plain data."""
    return {
        "kind": "SealedSecret",
        "apiVersion": "bitnami.com/v1alpha1",
        "metadata": {"name": "db", "namespace": "shop", "creationTimestamp": None},
        "spec": {
            "template": {"metadata": {"name": "db", "namespace": "shop", "creationTimestamp": None}},
            "encryptedData": items,
        },
    }


JSON = manifest({"password": "{password}", "user": "{user}"})


def in_json(data: object, **how: object) -> str:
    """Return JSON with slots; its own braces do not look like one."""
    return json.dumps(data, **how)  # type: ignore[arg-type]  # the caller knows them


SHAPES: dict[str, str] = {
    "kubeseal.yaml": KUBESEAL,
    "kubeseal-old.yaml": f"{HEAD}  encryptedData:\n    password: {{password}}\n    user: {{user}}\nstatus: {{}}\n",
    "kubeseal-default-output.json": in_json(JSON, indent=2) + "\n\n",
    "kubeseal-default-output-in.yaml": in_json(JSON, indent=2) + "\n\n",
    "no-marker.yaml": PLAIN,
    "marker-with-comment.yaml": f"--- # sealed with kubeseal\n{PLAIN}",
    "comment-before-marker.yaml": f"# yaml-language-server: $schema=none\n\n---\n{PLAIN}",
    "directive.yaml": f"%YAML 1.1\n---\n{PLAIN}",
    "end-marker.yaml": f"---\n{PLAIN}...\n",
    "end-marker-with-comment.yaml": f"{PLAIN}... # that is all\n# really\n",
    "no-final-newline.yaml": f"{HEAD}  encryptedData:\n    user: {{user}}\n    password: {{password}}",
    "no-final-newline-literal.yaml": f"{HEAD}  encryptedData:\n    user: {{user}}\n    password: |\n      {{password}}",
    "empty-lines-at-end.yaml": f"{PLAIN}\n\n\n",
    "blanks-at-end.yaml": f"{PLAIN.rstrip()}  \n   \n",
    "empty-lines-between.yaml": with_items("\n    password: {password}\n\n    user: {user}\n\n"),
    "comments-everywhere.yaml": "# who: team shop\n# why: the database\n"
    + with_items(
        "    # --- passwords ---\n    # rotate in May\n    password: {password} # asked for by Ann\n"
        "    # read only\n    user: {user}\n    # token: the old one is gone\n  # what the Secret looks like\n"
    ).replace("  namespace: shop\n", "  namespace: shop # not the staging one\n", 1)
    + "# the end\n",
    "comment-below-last-item.yaml": with_items(
        "    user: {user}\n    password: {password}\n    # add new ones above\n"
    ),
    "comment-deeper-than-items.yaml": with_items("    user: {user}\n    password: {password}\n       # of the replica\n"),
    "comment-with-unicode.yaml": with_items("    # Prüfschlüssel 🔑 für März\n    password: {password} # ß\n    user: {user}\n"),
    "single-quotes.yaml": with_items("    password: '{password}'\n    user: '{user}'\n"),
    "double-quotes.yaml": with_items('    password: "{password}"\n    user: "{user}"\n'),
    "quoted-keys.yaml": with_items("    'password': {password}\n    \"user\": {user}\n"),
    "odd-key-names.yaml": with_items("    .env: {.env}\n    'true': {user}\n    \"0123\": {token}\n    password: {password}\n"),
    "literal.yaml": with_items("    password: |\n      {password}\n    user: |\n      {user}\n"),
    "literal-stripped.yaml": with_items("    password: |-\n      {password}\n    user: |-\n      {user}\n"),
    "literal-kept.yaml": with_items("    password: |+\n      {password}\n\n    user: |+\n      {user}\n\n"),
    "literal-with-head-comment.yaml": with_items("    password: |- # rotate in May\n      {password}\n    user: {user}\n"),
    "literal-with-indicator.yaml": with_items("    password: |2-\n      {password}\n    user: {user}\n"),
    "literal-wrapped.yaml": with_items("    user: {user}\n    password: |\n      {password:64:6}\n"),
    "folded.yaml": with_items("    password: >-\n      {password}\n    user: >-\n      {user}\n"),
    "folded-with-head-comment.yaml": with_items("    user: {user}\n    password: > # do not touch\n      {password}\n"),
    "value-on-next-line.yaml": with_items("    password:\n      {password}\n    user:   # read only\n      {user}\n"),
    "explicit-keys.yaml": with_items("    ? password\n    : {password}\n    ? user\n    : {user}\n"),
    "explicit-key-first.yaml": with_items("    ? {name}\n    : {long}\n    password: {password}\n").replace("{name}", LONG),
    "key-of-200.yaml": with_items("    password: {password}\n    {name}: {long}\n").replace("{name}", LONG),
    "anchor-and-alias.yaml": with_items("    password: &secret {password}\n    old-password: *secret\n    user: {user}\n"),
    "anchored-map.yaml": with_items("    user: {user}\n    password: {password}\n").replace("encryptedData:", "encryptedData: &items # all"),
    "anchored-key.yaml": with_items("    &p password: {password}\n    user: {user}\n", tail="  template:\n    metadata:\n      labels: {about: *p}\n"),
    "merge-key-in-template.yaml": with_items(
        "    password: {password}\n    user: {user}\n",
        head=HEAD.replace("  namespace: shop\n", "  namespace: shop\n  labels: &labels\n    app: shop\n"),
        tail="  template:\n    metadata:\n      labels:\n        <<: *labels\n        tier: db\n",
    ),
    "merge-key-in-items.yaml": with_items("    <<: &more {user: {user}}\n    password: {password}\n"),
    "tags.yaml": with_items("    password: !!str {password}\n    !!str user: {user}\n").replace("name: db", "name: !!str db", 1),
    "braces.yaml": f"{HEAD}  encryptedData: {{{{password: {{password}}, user: {{user}}}}}}\n{TAIL}".replace("{{password: ", "{password: ").replace("{user}}}", "{user}}"),
    "braces-over-lines.yaml": HEAD + "  encryptedData: {\n    user: {user}, # read only\n    password: {password},\n  }\n" + TAIL,
    "all-in-braces.yaml": "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: db, namespace: shop},\n  spec: {encryptedData: {password: {password}, 'user': {user}}}}\n",
    "compact.json": in_json(JSON, separators=(",", ":")),
    "tabs.json": in_json(JSON, indent="\t") + "\n",
    "four-blanks.json": in_json(JSON, indent=4) + "\n",
    "one-line-in.yaml": in_json(JSON) + "\n",
    "block-yaml-in.json": PLAIN,
    "several-documents.yaml": f"{CONFIG_MAP}---\n{PLAIN}---\n# what uses it\n{DEPLOYMENT}",
    "empty-documents.yaml": f"---\n---\n# nothing here\n---\n{PLAIN}---\n",
    "json-behind-yaml.yaml": f"{CONFIG_MAP}---\n{in_json(JSON)}\n",
    "two-objects.yaml": f"{PLAIN.replace('name: db', 'name: cache')}---\n{PLAIN}",
    "list.yaml": "apiVersion: v1\nkind: List\nitems:\n- " + CONFIG_MAP[CONFIG_MAP.index("api") :].replace("\n", "\n  ").rstrip() + "\n- # the sealed one\n  " + PLAIN.replace("\n", "\n  ").rstrip() + "\n",
    "list.json": in_json({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop"}}, JSON]}, indent=2) + "\n",
    "indent-by-4.yaml": re.sub(r"(?m)^ +", lambda found: found[0] * 2, PLAIN),
    "indent-by-1.yaml": re.sub(r"(?m)^ +", lambda found: " " * (len(found[0]) // 2), PLAIN),
    "indent-mixed.yaml": HEAD + "      encryptedData:\n            password: {password}\n            user: {user}\n      template:\n       type: Opaque\n",
    "tabs.yaml": with_items("    password: {password}\t# rotate\n    user:\t{user}\n").replace("kind: SealedSecret", "kind: SealedSecret\t"),
    "blanks-before-colon.yaml": with_items("    password :   {password}\n    user  : {user}\n"),
    "items-last.yaml": HEAD + TAIL + "  encryptedData:\n    user: {user}\n    password: {password}\n",
    "items-first.yaml": "kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nspec:\n  encryptedData:\n    password: {password}\n    user: {user}\nmetadata:\n  namespace: shop\n  name: db\n",
    "only-item.yaml": with_items("    # the only one\n    password: {password}\n"),
    "no-namespace.yaml": PLAIN.replace("  namespace: shop\n", ""),
    "templates.yaml": with_items(
        "    password: {password}\n    user: {user}\n",
        tail="  template:\n    type: Opaque\n    data:\n      url: 'postgres://{{ .user }}:{{ .password }}@db'\n      app.ini: |\n        [db]\n        password = {{ index . \"password\" | quote }}\n",
    ),
    "docker.yaml": with_items("    .dockerconfigjson: {.dockerconfigjson}\n", tail="  template:\n    type: kubernetes.io/dockerconfigjson\n"),
    "argo.yaml": PLAIN.replace("  namespace: shop\n", '  namespace: shop\n  annotations:\n    argocd.argoproj.io/sync-wave: "-1"  # before the shop\n', 1),
    "immutable.yaml": with_items("    password: {password}\n", tail="  template:\n    immutable: true\n"),
    "as-in-the-cluster.yaml": PLAIN.replace("  namespace: shop\n", "  namespace: shop\n  generation: 4\n  resourceVersion: \"8842\"\n  uid: 7f0c\n", 1) + "status:\n  conditions:\n  - status: \"True\"\n    type: Synced\n  observedGeneration: 4\n",
    "no-items.yaml": HEAD + "  encryptedData: {}\n  template:\n    data: {motto: none}\n",
    "300-items.yaml": with_items("".join(f"    item-{number:03}: {{item-{number:03}}}\n" for number in range(299)) + "    password: {password}\n"),
    "misspelt-field.yaml": PLAIN.replace("encryptedData", "encrypteddata"),
    "config-map.yaml": CONFIG_MAP,
    "helm.yaml": "{{- if .Values.sealed }}\n" + PLAIN.replace("namespace: shop", "namespace: {{ .Release.Namespace }}") + "{{- end }}\n",
    "deprecated.yaml": HEAD + "  data: {user}\n",
    "broken.yaml": PLAIN.replace("encryptedData:", "encryptedData: ["),
    "empty.yaml": "",
}  # fmt: skip


def annotated(name: str, value: str) -> str:
    """Return the plain object with an annotation."""
    return PLAIN.replace("  namespace: shop\n", f"  namespace: shop\n  annotations:\n    {name}: {value}\n", 1)


def contents() -> dict[str, bytes]:
    """Return the content of every file of the corpus."""
    from sealwright_crypto import load_certificate  # noqa: PLC0415 - the rest does without what it tests

    usual, other = (load_certificate((VECTORS / path).read_bytes()).fingerprint for path in _KEYS.values())
    hints = "sealwright.dev/key-fingerprints"
    found = {name: filled(shape) for name, shape in SHAPES.items()}
    found |= {
        "namespace-wide.yaml": filled(annotated("sealedsecrets.bitnami.com/namespace-wide", '"true"'), "shop"),
        "cluster-wide.yaml": filled(annotated("sealedsecrets.bitnami.com/cluster-wide", '"true"'), ""),
        "hint.yaml": filled("---\n" + annotated(hints, usual)),
        "hint-of-two-keys.yaml": filled(annotated(hints, f'"{usual}; {other}: user"'), other="user"),
        "hint-of-another-key.yaml": filled(annotated(hints, f"'{usual}; {other}: password'"), other="password"),
        "hint-folded.yaml": filled(annotated(hints, f">-\n      {usual};\n      {other}: user"), other="user"),
        "crlf.yaml": filled(PLAIN).replace("\n", "\r\n"),
        "crlf-no-final-newline.yaml": found["no-final-newline.yaml"].replace("\n", "\r\n"),
        "crlf-literal.yaml": found["literal-with-head-comment.yaml"].replace("\n", "\r\n"),
        "crlf.json": found["four-blanks.json"].replace("\n", "\r\n"),
    }
    encoded = {name: text.encode() for name, text in found.items()}
    return encoded | {
        "bom.yaml": codecs.BOM_UTF8 + encoded["kubeseal.yaml"],
        "bom-crlf.yaml": codecs.BOM_UTF8 + encoded["crlf.yaml"],
        "utf-16.yaml": codecs.BOM_UTF16_LE + found["comments-everywhere.yaml"].encode("utf-16-le"),
    }


if __name__ == "__main__":
    for name, content in contents().items():
        (FILES / name).write_bytes(content)
