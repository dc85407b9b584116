"""What the commands do differently in the place of kubeseal. Each difference has a name; nobody asks who it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Manners:
    """How a command reads and writes.

    `reads_utf16`: UTF-16 is read as well as UTF-8. `takes_mixed_files`: objects of other kinds, and Lists, may stand
    beside what is meant; else they are refused, and of a repeated key the last counts. `keeps_text`: objects are
    exchanged in their text; else new ones are made, in which nothing of the text is left. `knows_templates`: a name
    that a template's tool has yet to fill in is told. `refuses_unknown_fields`: so does a cluster.
    `ends_json_with_empty_line`: of JSON that is rewritten. `allow_empty` is the option for Secrets without data.
    """

    reads_utf16: bool
    takes_mixed_files: bool
    keeps_text: bool
    knows_templates: bool
    refuses_unknown_fields: bool
    ends_json_with_empty_line: bool
    allow_empty: str


SEALWRIGHT = Manners(
    reads_utf16=True,
    takes_mixed_files=True,
    keeps_text=True,
    knows_templates=True,
    refuses_unknown_fields=True,
    ends_json_with_empty_line=False,
    allow_empty="--allow-empty",
)
"""Those of `sealwright`."""

KUBESEAL = Manners(
    reads_utf16=False,
    takes_mixed_files=False,
    keeps_text=False,
    knows_templates=False,
    refuses_unknown_fields=False,
    ends_json_with_empty_line=True,
    allow_empty="--allow-empty-data",
)
"""Those of `sealwright-kubeseal`."""
