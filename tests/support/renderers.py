"""Asks renderers as the controller does."""

from dataclasses import replace

from sealwright_controller.renderer.frames import Answer, Request
from sealwright_controller.renderer.service import Renderers


def ask_as_controller(renderers: Renderers, namespace: str, request: Request) -> Answer:
    """Return what a renderer makes of a request: without patience at first, then, if it takes long, with it."""
    answer = renderers.ask(namespace, request)
    return renderers.ask(namespace, replace(request, patient=True)) if answer.long else answer
