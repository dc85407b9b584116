"""All targets, by their names."""

from collections.abc import Callable

from tools.fuzz.targets import envelopes, keymaterial, kubeconfigs, objects, repositories, requests, templates, texts
from tools.fuzz.targets.target import Target

TARGETS: dict[str, Callable[[], Target]] = {
    "envelope": envelopes.envelope,
    "certificate": keymaterial.certificate,
    "private-key": keymaterial.private_key,
    "key-secret": keymaterial.key_secret,
    "manifest": texts.manifest,
    "sealing": texts.sealing,
    "editing": texts.editing,
    "project-file": repositories.project_file,
    "merging": repositories.merging,
    "linting": repositories.linting,
    "edited-text": repositories.edited_text,
    "digests": repositories.digests,
    "request": requests.request,
    "body": requests.body,
    "template": templates.template,
    "sealed-object": objects.sealed_object,
    "answer": objects.answer,
    "kubeconfig": kubeconfigs.kubeconfig,
    "plugin-answer": kubeconfigs.plugin_answer,
}
"""Makes each target."""
