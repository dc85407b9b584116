"""The example at the end of each command's help."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "": "sealwright seal secret.yaml -w sealed.yaml",
    "seal": """\
sealwright seal secret.yaml -w sealed.yaml
sealwright seal --cert cert.pem --in-place secrets/""",
    "raw": 'printf %s "$PASSWORD" | sealwright raw --namespace team-a --name db',
    "merge": """\
kubectl create secret generic db --from-file=password --dry-run=client -o yaml | \\
    sealwright merge sealed.yaml""",
    "verify": "sealwright verify apps/",
    "reencrypt": """\
sealwright reencrypt apps/
sealwright reencrypt --key backup.yaml --cert new-cert.pem sealed.yaml""",
    "unseal": "sealwright unseal --key backup.yaml sealed.yaml -w secret.yaml",
    "render": "sealwright render sealed.yaml --with password=example",
    "cert": "sealwright cert fetch -w cert.pem",
    "cert fetch": "sealwright cert fetch -w cert.pem",
    "cert show": "sealwright cert show cert.pem",
}
"""Command, without `sealwright` → lines of a shell."""
