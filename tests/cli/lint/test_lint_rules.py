"""Rules of lint beyond the examples of their pages: one row for each way in which an object is wrong, or is not."""

import pytest
from tests.support.builders import sealing_key
from tests.support.linting import findings, rules_found

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"
META = "metadata: {name: db, namespace: team-a}\n"
SPEC = "spec:\n  encryptedData: {password: AgB…}\n"
GOOD = HEAD + META + SPEC
CLUSTER_WIDE = 'annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}'


def template(text: str) -> str:
    return f"{GOOD}  template:\n    {text}\n"


FOUND = [
    ("a tag that Kubernetes does not know", "SW003", HEAD + "metadata: !x {name: !y db}\n" + SPEC),
    ("an alias without an anchor", "SW003", HEAD + "metadata: *x\n" + SPEC),
    ("JSON with a comma too many", "SW002", '{"kind": "SealedSecret",}}'),
    ("an unknown field of the object", "SW101", GOOD + "data: {}\n"),
    ("an unknown field of metadata", "SW101", HEAD + "metadata: {name: db, lables: {}}\n" + SPEC),
    ("an unknown field of the template's metadata", "SW101", template("metadata: {lables: {a: b}}")),
    ("metadata that is a list", "SW102", HEAD + "metadata: [db]\n" + SPEC),
    ("a name that is a number", "SW102", HEAD + "metadata: {name: 17}\n" + SPEC),
    ("items in a list", "SW102", HEAD + META + "spec:\n  encryptedData: [AgB…]\n"),
    ("an item that is null", "SW102", HEAD + META + "spec:\n  encryptedData: {password: null}\n"),
    ("immutable as text", "SW102", template('immutable: "yes"')),
    ("both forms", "SW102", GOOD + "  data: AgB…\n"),
    ("a label that is a map", "SW102", HEAD + "metadata: {name: db, labels: {a: {b: c}}}\n" + SPEC),
    ("no spec at all is empty", "SW108", HEAD + META),
    ("a SealedSecret of another version", "SW103", GOOD.replace("v1alpha1", "v1")),
    ("a Secret without capitals", "SW103", "apiVersion: v1\nkind: secret\nmetadata: {name: db}\n"),
    ("no name", "SW104", HEAD + "metadata: {namespace: team-a}\n" + SPEC),
    ("no metadata", "SW104", HEAD + SPEC),
    ("a namespace with a point", "SW104", HEAD + "metadata: {name: db, namespace: team.a}\n" + SPEC),
    ("a label with two slashes", "SW105", HEAD + "metadata: {name: db, labels: {a/b/c: d}}\n" + SPEC),
    ("a label of the template", "SW105", template("metadata: {labels: {a: b c}}")),
    ("a number as annotation of the template", "SW106", template("metadata: {annotations: {wave: 3}}")),
    ("a template's key with a blank", "SW107", template('data: {"a b": c}')),
    ("a number as key", "SW112", HEAD + META + "spec:\n  encryptedData: {017: AgB…}\n"),
    ("a cut ciphertext", "SW201", HEAD + META + "spec:\n  encryptedData: {password: AgAAAAAA}\n"),
    ("an empty ciphertext", "SW201", HEAD + META + 'spec:\n  encryptedData: {password: ""}\n'),
    ("the deprecated form, cut", "SW201", HEAD + META + "spec: {data: AgAA}\n"),
    ("a fold that leaves blanks", "SW201", HEAD + META + "spec:\n  encryptedData:\n    password: AgB…\n     AgB…\n"),
    ("an unknown function", "SW301", template("data: {a: '{{ nosuch .password }}'}")),
    ("a variable with a default", "SW302", template("data: {a: '${HOST:-db}'}")),
    ("an item that is not sealed", "SW305", template("data: {a: '{{ .pasword }}'}")),
    ("one by index", "SW305", template("""data: {a: '{{ index . "tls.crt" }}'}""")),
    ("one inside with", "SW305", template("data: {a: '{{ with .password }}{{ $.user }}{{ end }}'}")),
    ("one of no items", "SW305", HEAD + META + "spec: {encryptedData: {}, template: {data: {a: '{{ .user }}'}}}\n"),
    ("a text that null leaves out", "SW305", template("data: {a: '{{ .b }}', b: null}")),
    ("a registry's Secret without its item", "SW401", template("type: kubernetes.io/dockerconfigjson")),
    ("a user's Secret with neither", "SW401", template("type: kubernetes.io/ssh-auth")),
    ("an item that null leaves out", "SW401", template("type: kubernetes.io/basic-auth\n    data: {password: null}")),
    ("namespace-wide in the template alone", "SW402",
     template('metadata: {annotations: {sealedsecrets.bitnami.com/namespace-wide: "true"}}')),
    ("cluster-wide, and false in the template", "SW402",
     HEAD + f"metadata: {{name: db, {CLUSTER_WIDE}}}\n" + SPEC
     + '  template: {metadata: {annotations: {sealedsecrets.bitnami.com/cluster-wide: "false"}}}\n'),
    ("a sealing key's label", "SW404",
     template("metadata: {labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}}")),
    ("a Secret in a List", "SW501",
     "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: a}\n  data: {a: eA==}\n"),
    ("a Secret behind another document", "SW501",
     GOOD + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n"),
    ("the first key Secret's name", "SW503",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: sealed-secrets-key}\ndata: {tls.key: eA==}\n"),
]  # fmt: skip

CLEAN = [
    ("a whole object", GOOD),
    ("JSON", '{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "db"}, "spec": {"encryptedData": {"a": "AgB…"}}}'),
    ("no namespace: Kustomize adds it", HEAD + "metadata: {name: db}\n" + SPEC),
    ("a namespace from Flux", HEAD + "metadata: {name: db, namespace: '${team}'}\n" + SPEC),
    ("a ciphertext in a literal block", HEAD + META + "spec:\n  encryptedData:\n    password: |\n      AgB…\n"),
    ("a status", GOOD + "status: {conditions: []}\n"),
    ("a null template", GOOD + "  template: null\n"),
    ("a template without ciphertexts", HEAD + META + "spec:\n  encryptedData: {}\n  template: {data: {a: b}}\n"),
    ("the variable's escape", template("data: {a: '$${HOST}'}")),
    ("Flux told to leave it",
     HEAD + "metadata: {name: db, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\n" + SPEC
     + "  template: {data: {a: '${HOST}'}}\n"),
    ("an item that is sealed", template("data: {a: '{{ .password }}'}")),
    ("another text of the template", template("data: {a: '{{ .b }}', b: c}")),
    ("an item that the template asks for", template("data: {a: '{{ if .user }}{{ .user }}{{ end }}'}")),
    ("an item with a default", template("""data: {a: '{{ .user | default "root" }}'}""")),
    ("a field of a dict", template("""data: {a: '{{ with dict "user" 1 }}{{ .user }}{{ end }}'}""")),
    ("items that Kustomize adds", HEAD + META + "spec: {template: {data: {a: '{{ .user }}'}}}\n"),
    ("a TLS Secret whose items are sealed and templated",
     template("type: kubernetes.io/tls\n    data: {tls.crt: a, tls.key: b}")),
    ("basic-auth with a password alone", template("type: kubernetes.io/basic-auth")),
    ("a type of one's own", template("type: example.com/mine")),
    ("the same scope in both", HEAD + f"metadata: {{name: db, {CLUSTER_WIDE}}}\n" + SPEC
     + f"  template: {{metadata: {{{CLUSTER_WIDE}}}}}\n"),
    ("a Secret without values", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {}\n"),
    ("a Secret that Kubernetes fills in",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: kubernetes.io/service-account-token\n"),
    ("a Secret of SOPS",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 'ENC[x]'}\nsops: {version: 3.9.0}\n"),
    ("another group's Secret", "apiVersion: vault.example/v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: b}\n"),
    ("another kind with a repeated value", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}\ndata: {a: '{{ x }}'}\n"),
    ("an empty file", ""),
    ("a comment", "# nothing yet\n"),
    ("a list of texts", "- a\n- b\n"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rule", "text"), FOUND, ids=[row[0] for row in FOUND])
def test_it_is_found(what: str, rule: str, text: str) -> None:
    assert rule in rules_found(text), what
    for one in findings(text):
        assert one.hint, one
        assert one.message[0] not in "ABCDEFGH" or one.message.startswith("Flux"), one
        assert 1 <= one.line <= text.count("\n") + 1


@pytest.mark.parametrize(("what", "text"), CLEAN, ids=[row[0] for row in CLEAN])
def test_nothing_is_found(what: str, text: str) -> None:
    assert findings(text) == [], what


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "about"),
    [
        (GOOD.replace("password:", "user: AgB…, pass word:"), "SW107", 5, 0, "SealedSecret team-a/db"),
        (f"# above\n---\n{GOOD}---\n{GOOD.replace('name: db', 'name: DB')}", "SW104", 11, 12, "SealedSecret team-a/DB"),
        (template("type: kubernetes.io/tls"), "SW401", 7, 5, "SealedSecret team-a/db"),
        ("a: b\nc: [\n", "SW002", 3, 1, ""),
        (GOOD + "spec: {}\n", "SW003", 6, 1, ""),
        (f"\n{GOOD}data: 1\n".replace("\n", "\r\n"), "SW101", 7, 1, "SealedSecret team-a/db"),
    ],
)
def test_a_finding_names_its_place_and_object(text: str, rule: str, line: int, column: int, about: str) -> None:
    (found,) = [one for one in findings(text) if one.rule == rule]
    assert (found.line, found.about) == (line, about)
    assert not column or found.column == column


def test_an_item_s_dots_do_not_lead_astray() -> None:
    text = HEAD + META + "spec:\n  encryptedData:\n    a: AgB…\n    a.b: 5\n"
    (found,) = findings(text, "SW102")
    assert (found.line, "a.b" in found.message) == (7, True)


def test_helm_s_own_actions_and_escapes_are_left_alone() -> None:
    def of(action: str) -> list[str]:
        return rules_found(template(f"data: {{a: '{action}'}}"), "SW303", chart=True)

    assert of("{{ .password }}") == ["SW303"]
    assert of("{{ .Values.host }}") == []
    assert of("{{ $.Release.Name }}") == []
    assert of('{{ include "x" . }}') == []
    assert of('{{ "{{" }} .password }}') == []
    assert of("{{ `{{ .password }}` }}") == []
    assert rules_found(template("data: {a: '{{ .password }}'}"), "SW303") == []


def test_items_on_an_older_key_are_named_once_for_each_key() -> None:
    old = "12ab" * 16
    hint = f"{sealing_key().certificate.fingerprint}; {old}: a, b"
    text = (
        HEAD + f'metadata: {{name: db, annotations: {{sealwright.dev/key-fingerprints: "{hint}"}}}}\n'
        "spec:\n  encryptedData: {a: AgB…, b: AgB…, c: AgB…}\n"
    )
    (found,) = findings(text, "SW203", key=True)
    assert "2 items" in found.message
    assert found.message.endswith(": a, b")
    assert findings(text, "SW203") == []


def test_the_nearest_item_is_offered_for_one_that_is_not_sealed() -> None:
    (found,) = findings(template("data: {a: '{{ .pasword }}'}"), "SW305")
    assert "did you mean password?" in found.hint
    assert "pasword" in found.message
    assert (found.line, found.column) == (7, 12)


def test_the_items_of_the_deprecated_form_do_not_show() -> None:
    text = HEAD + META + "spec: {data: AgB…, template: {data: {a: '{{ .user }}'}}}\n"
    assert rules_found(text, "SW305") == []


def test_a_copied_ciphertext_may_be_right_by_its_scope() -> None:
    other = GOOD.replace("name: db", "name: web")
    assert rules_found(f"{GOOD}---\n{other}", "SW205") == ["SW205"]
    wide = [one.replace("team-a", f"team-a, {CLUSTER_WIDE}") for one in (GOOD, other)]
    assert rules_found("---\n".join(wide), "SW205") == []


def test_no_message_holds_a_value() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter2, b: 5}\n"
    copy = template('metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: "{\\"kind\\":'
                    '\\"Secret\\",\\"stringData\\":{\\"a\\":\\"hunter2\\"}}"}}')  # fmt: skip
    for text in (secret, copy):
        found = findings(text)
        assert found
        assert "hunter2" not in repr(found)
