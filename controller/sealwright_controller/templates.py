"""Renders the templates of one object, in bounds, and keeps count of those that chance or time had a part in."""

from collections.abc import Mapping

from sealwright_templating import parse


class TemplateRendering:
    """The rendering of one object's `spec.template.data`: made for one decision, then thrown away."""

    def __init__(self) -> None:
        self.varying: set[str] = set()
        """Keys of which another rendering might give another value."""

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key. Raises TemplateError, whose message never holds a value."""
        template = parse(text, name=key)
        if template.varies:
            self.varying.add(key)
        return template.render(data)
