"""What a document looks like in which only parts are sealed: Lists in YAML and JSON; the whole text, line by line."""

from tests.support.builders import sealing_key
from tests.support.sealed_texts import check

from sealwright_cli.sealed.sealing import SealingRules


def test_secrets_in_a_list_are_sealed_where_they_stand() -> None:
    check(
        """\
        apiVersion: v1
        kind: SecretList
        items:
          # the first
          - metadata: {name: a, namespace: ns}
            data:
              x: YQ==  # its value
            # its end
          # the second
          - {metadata: {name: b}, data: {x: YQ==}}  # in braces
          - apiVersion: v1
            kind: ConfigMap
            data: {ratio: 1.50}   # untouched
        metadata: {}
        """,
        """\
        ---
        apiVersion: v1
        kind: List
        items:
          # the first
          - apiVersion: bitnami.com/v1alpha1
            kind: SealedSecret
            metadata:
              name: a
              namespace: ns
            spec:
              encryptedData:
                x: <sealed>  # its value
              template:
                metadata:
                  name: a
                  namespace: ns
            # its end
          # the second
          - {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", \
"metadata": {"name": "b", "namespace": "ns"}, "spec": {"encryptedData": {"x": "<sealed>"}, \
"template": {"metadata": {"name": "b", "namespace": "ns"}}}}  # in braces
          - apiVersion: v1
            kind: ConfigMap
            data: {ratio: 1.50}   # untouched
        metadata: {}
        """,
        SealingRules(sealing_key().certificate, namespace="ns", hints=False),
    )


def test_a_list_whose_items_share_anchors_is_written_out() -> None:
    check(
        """\
        kind: List
        items:
        - kind: Secret
          metadata: {name: a, namespace: ns, labels: &l {app: web}}
          data: {x: YQ==}
        - kind: ConfigMap
          metadata: {labels: *l}
        """,
        """\
        ---
        kind: List
        items:
        - apiVersion: bitnami.com/v1alpha1
          kind: SealedSecret
          metadata:
            name: a
            namespace: ns
          spec:
            encryptedData:
              x: <sealed>
            template:
              metadata:
                name: a
                namespace: ns
                labels:
                  app: web
        - kind: ConfigMap
          metadata:
            labels:
              app: web
        """,
    )


def test_json_keeps_its_indentation_and_the_text_around_it() -> None:
    check(
        """\
        {
            "kind": "List",
            "items": [
                {"kind":  "ConfigMap"},
                {
                    "kind": "Secret",
                    "metadata": {"name": "a", "namespace": "ns"}
                }
            ]
        }
        """,
        """\
        {
            "kind": "List",
            "items": [
                {"kind":  "ConfigMap"},
                {
                  "apiVersion": "bitnami.com/v1alpha1",
                  "kind": "SealedSecret",
                  "metadata": {
                    "name": "a",
                    "namespace": "ns"
                  },
                  "spec": {
                    "encryptedData": {},
                    "template": {
                      "metadata": {
                        "name": "a",
                        "namespace": "ns"
                      }
                    }
                  }
                }
            ]
        }
        """,
        SealingRules(sealing_key().certificate, allow_empty=True, hints=False),
    )
