"""Go's regular expressions, run by RE2, which takes time linear in the text.

`syntax` reads Go's notation and writes RE2's, which is nearly the same; `engine` compiles, searches and charges for it.
The template functions that use matches are elsewhere.
"""

from sealwright_templating.go.regexp.engine import Expression
from sealwright_templating.go.regexp.expansion import Expansion, Literal, refers_to_groups
from sealwright_templating.go.regexp.subject import Subject

__all__ = ["Expansion", "Expression", "Literal", "Subject", "refers_to_groups"]
