"""Options of kubectl and kubeseal that a verb does not have → what does the same here. Only hints; nothing is run."""

from collections.abc import Mapping

_PRINTS = "without --output it prints the result and changes no file"
_IN_PLACE = "with - in the place of FILE it reads standard input, prints the result and changes no file"
_READS = "it changes no file"
_VALUES = "others can see a value on a command line"
_AS_ARGUMENTS = "files are named without an option"

_LITERAL: Mapping[str, str] = {
    "create": f"{_VALUES}: --prompt KEY asks for it, --from-file KEY=PATH reads it, --generate KEY makes one",
    "set": f"{_VALUES}: standard input has it, or KEY=@PATH reads it from a file",
    "raw": f"{_VALUES}: give it on standard input, or name its file with --from-file",
}
_FILE: Mapping[str, str] = {
    **dict.fromkeys(
        ("seal", "unseal", "render", "reencrypt", "verify", "inspect", "explain", "lint"), "sealwright {verb} FILE"
    ),
    **dict.fromkeys(("set", "unset"), "sealwright {verb} FILE KEY"),
    "edit": "sealwright edit FILE",
    "rename": "sealwright rename FILE OLD NEW",
    "merge": "sealwright merge TARGET FILE",
    "diff": "sealwright diff A B",
}
_DRY_RUN: Mapping[str, str] = {
    "seal": "without --output, --in-place and --output-dir it prints the result and changes no file",
    **dict.fromkeys(("create", "raw", "unseal", "render", "cert fetch"), _PRINTS),
    **dict.fromkeys(("set", "unset", "rename"), _IN_PLACE),
    "merge": "--output - prints the result and leaves TARGET as it is",
    "edit": "what is closed without a change leaves the file as it is",
    "lint": "without --fix it changes no file",
    **dict.fromkeys(("verify", "inspect", "explain", "diff", "cert show", "cert check", "config show"), _READS),
}


def hint_for(written: str, verb: str) -> str:
    """Return what does the same as an option that `verb` does not have; empty if nothing is known."""
    match written.partition("=")[0]:
        case "--from-literal":
            return _LITERAL.get(verb, "")
        case "-f" | "--file" | "--filename" | "--secret-file":
            usage = _FILE.get(verb, "").format(verb=verb)
            return f"{_AS_ARGUMENTS}: {usage}" if usage else _LITERAL["raw"] if verb == "raw" else ""
        case "--dry-run":
            return _DRY_RUN.get(verb, "")
    return ""
