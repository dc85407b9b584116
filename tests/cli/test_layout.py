"""What a sealed document looks like: comments, order and quoting of what is kept; the whole text, line by line."""

import pytest
from tests.support.builders import sealing_key
from tests.support.sealed_texts import RULES, check

from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import join


def test_comments_move_with_what_they_describe() -> None:
    check(
        """\
        # the database of team A

        apiVersion: v1  # core
        kind: Secret
        # who it is
        metadata:  # about it
          # known as
          name: "db"  # short
          namespace: team-a
          labels:  # for selectors
            # the application
            app: 'web'  # quoted
            tier: back
          # for people
          annotations:
            owner: "team A"
            # no more annotations
        # what it holds
        stringData:  # in clear
          # for humans
          user: ann  # her name
          'password': |  # generated
            correct
            horse
          # asked for by the driver
          "port": "5432"
            # deeper than the rest
        type: Opaque  # the usual
        # the end
        """,
        """\
        ---
        # the database of team A

        apiVersion: bitnami.com/v1alpha1  # core
        kind: SealedSecret
        # who it is
        metadata:  # about it
          # known as
          name: "db"  # short
          namespace: team-a
        spec:
          # what it holds
          encryptedData:  # in clear
            # for humans
            user: <sealed>  # her name
            'password': <sealed>  # generated
            # asked for by the driver
            "port": <sealed>
            # deeper than the rest
          template:
            metadata:
              name: "db"
              namespace: team-a
              labels:  # for selectors
                # the application
                app: 'web'  # quoted
                tier: back
              # for people
              annotations:
                owner: "team A"
                # no more annotations
            type: Opaque  # the usual
        # the end
        """,
    )


def test_every_style_of_value_is_kept_as_it_is_written() -> None:
    check(
        """\
        kind: Secret
        metadata:
            name: db
            namespace: team-a
            annotations:
                folded: >-
                    two
                    lines
                literal: |+2
                   indented # no comment

                double: "a
                  b \\
                  c"
                flow: ''
            finalizers:
            - example.org/hold
        data: {a: YQ==}
        """,
        """\
        ---
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: db
          namespace: team-a
        spec:
          encryptedData:
            a: <sealed>
          template:
            metadata:
              name: db
              namespace: team-a
              annotations:
                  folded: >-
                      two
                      lines
                  literal: |+2
                     indented # no comment

                  double: "a
                    b \\
                    c"
                  flow: ''
              finalizers:
              - example.org/hold
        """,
    )


def test_what_changes_is_written_anew_and_the_rest_of_its_map_stays() -> None:
    check(
        """\
        kind: Secret
        metadata:
          name: 12345
          namespace: team-a
          uid: 00000000-0000
          creationTimestamp: null  # by the server
          labels:
            rank: 3  # a number
            on: yes
            app: 'web'  # text
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: |
              {"data": {"a": "YQ=="}}
            sealedsecrets.bitnami.com/cluster-wide: "false"
        type: ""
        immutable: yes
        stringData:
          on: x
        status: {}
        """,
        """\
        ---
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: "12345"
          namespace: team-a
          annotations:
            sealedsecrets.bitnami.com/namespace-wide: "true"
        spec:
          encryptedData:
            "true": <sealed>
          template:
            metadata:
              name: "12345"
              namespace: team-a
              labels:
                rank: "3"  # a number
                "true": "true"
                app: 'web'  # text
              annotations:
                sealedsecrets.bitnami.com/namespace-wide: "true"
            immutable: yes
        """,
        SealingRules(sealing_key().certificate, scope=Scope.NAMESPACE_WIDE, hints=False),
    )


def test_string_data_wins_over_data_and_both_keep_their_order() -> None:
    check(
        """\
        kind: Secret
        metadata: {name: db, namespace: team-a}
        # encoded
        data:
          # lost with its value
          b: Yg==
          a: YQ==  # kept
        # in clear
        stringData:  # too
          c: c
          b: wins  # the winner
        """,
        """\
        ---
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: db
          namespace: team-a
        spec:
          # encoded
          encryptedData:
            a: <sealed>  # kept
            # in clear
            # too
            c: <sealed>
            b: <sealed>  # the winner
          template:
            metadata:
              name: db
              namespace: team-a
        """,
    )


def test_anchors_are_written_out_where_their_text_cannot_be_kept() -> None:
    check(
        """\
        kind: Secret
        metadata:
          name: &name db
          namespace: team-a
          labels: &labels
            app: *name
            # kept
            tier: back
          annotations:
            <<: *labels
            more: x
        stringData:
          <<: {user: ann}
          name: *name
        """,
        """\
        ---
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: db
          namespace: team-a
        spec:
          encryptedData:
            name: <sealed>
            user: <sealed>
          template:
            metadata:
              name: db
              namespace: team-a
              labels:
                app: db
                # kept
                tier: back
              annotations:
                more: x
                app: db
                tier: back
        """,
    )


@pytest.mark.parametrize(
    ("source", "begins"),
    [
        ("--- {kind: Secret, metadata: {name: a, namespace: ns}, data: {x: ''}}  # end\n", "--- \napiVersion: bitnami"),
        ("{kind: Secret, metadata: {name: a, namespace: ns}, data: {x: ''}}", "---\napiVersion: bitnami"),
        ("  kind: Secret\n  metadata: {name: a, namespace: ns}\n  data: {x: ''}\n", "---\n  apiVersion: bitnami"),
        ("? kind\n: Secret\n? metadata\n: {name: a, namespace: ns}\n? data\n: {x: ''}\n", "---\napiVersion: bitnami"),
        ("--- !!map\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {x: ''}\n", "--- !!map\napiVersion: "),
        ("%YAML 1.1\n---\nkind: Secret\nmetadata: {name: a, namespace: ns}\ndata: {x: ''}\n", "%YAML 1.1\n---\napi"),
    ],
    ids=["behind its marker", "in braces", "indented", "with explicit keys", "tagged", "with a directive"],
)  # fmt: skip
def test_unusual_ways_of_writing_a_document_come_out_valid(source: str, begins: str) -> None:
    text = join(seal_text(source, "x", RULES).documents)
    assert text.startswith(begins)
    (again,) = seal_text(text, "x", RULES).documents
    assert again.root is not None
    assert text.count("name: a") == 2
