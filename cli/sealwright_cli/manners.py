"""The differences between `sealwright` and `sealwright-kubeseal`, each with a name; no command asks which one runs."""

from sealwright_conventions.records import record, replace


@record
class Manners:
    """How a command reads and writes.

    `reads_utf16`: UTF-16 is read as well as UTF-8. `takes_mixed_files`: objects of other kinds, and Lists, are allowed
    beside the expected ones; else they are refused, and the last of a repeated key wins. `keeps_text`: objects are
    replaced within their text; else new ones are written without it. `knows_templates`: names with unfilled
    placeholders of a template tool are reported. `refuses_unknown_fields`: unknown fields are refused, as by a cluster.
    `parses_templates`: verify also reports what only Sealwright checks: templates, and the deprecated form.
    `doubts_values`: values that look like a mistake are reported before they are sealed.
    `merges_other_namespaces`: a Secret of another namespace can be merged, and one of another name without a warning.
    `reencrypts_here`: private keys can be given to re-encrypt with. `frames_as_kubeseal`: rewritten files begin and end
    as kubeseal writes them. Messages name options by what stands in their place: `allow_empty` allows Secrets without
    data, `key_option` names private keys, `target_option` the file to merge into, `namespace_option` and `scope_option`
    those to seal for, and `name_option` the Secret, if anything does.
    """

    reads_utf16: bool
    takes_mixed_files: bool
    keeps_text: bool
    knows_templates: bool
    refuses_unknown_fields: bool
    parses_templates: bool
    doubts_values: bool
    merges_other_namespaces: bool
    reencrypts_here: bool
    frames_as_kubeseal: bool
    allow_empty: str
    key_option: str
    target_option: str
    namespace_option: str
    scope_option: str
    name_option: str


SEALWRIGHT = Manners(
    reads_utf16=True,
    takes_mixed_files=True,
    keeps_text=True,
    knows_templates=True,
    refuses_unknown_fields=True,
    parses_templates=True,
    doubts_values=True,
    merges_other_namespaces=False,
    reencrypts_here=True,
    frames_as_kubeseal=False,
    allow_empty="--allow-empty",
    key_option="--key",
    target_option="TARGET",
    namespace_option="--namespace",
    scope_option="--scope",
    name_option="--name",
)
"""The manners of `sealwright`."""

KUSTOMIZE = replace(
    SEALWRIGHT,
    allow_empty="spec.allowEmpty: true",
    namespace_option="spec.namespace",
    scope_option="spec.scope",
    name_option="",
)
"""Those of `sealwright-kustomize`: what it is told stands in a configuration."""

KUBESEAL = Manners(
    reads_utf16=False,
    takes_mixed_files=False,
    keeps_text=False,
    knows_templates=False,
    refuses_unknown_fields=False,
    parses_templates=False,
    doubts_values=False,
    merges_other_namespaces=True,
    reencrypts_here=False,
    frames_as_kubeseal=True,
    allow_empty="--allow-empty-data",
    key_option="--recovery-private-key",
    target_option="the file that --merge-into names",
    namespace_option="--namespace",
    scope_option="--scope",
    name_option="--name",
)
"""The manners of `sealwright-kubeseal`."""
