"""Which family each function belongs to; a family is imported when a template first names one of its functions.

So importing the package stays cheap, and a template without certificates does not load cryptography.
"""

from importlib import import_module

from sealwright_templating.values.registry import Function, registered

FAMILIES: dict[str, str] = {
    "builtin": "and call eq ge gt html index js le len lt ne not or print printf println urlquery",
    "strings": (
        "contains hasPrefix hasSuffix hello initials nospace plural repeat replace substr trim trimAll trimPrefix"
        " trimSuffix trimall trunc"
    ),
    "pieces": "cat join quote sortAlpha split splitList splitn squote toString toStrings",
    "casing": "lower swapcase title untitle upper",
    "wordcase": "camelcase kebabcase snakecase",
    "layout": "abbrev abbrevboth indent nindent wrap wrapWith",
    "numbers": "add add1 atoi biggest div int int64 max min mod mul seq sub toDecimal until untilStep",
    "floats": "add1f addf ceil divf float64 floor maxf minf mulf round subf",
    "lists": (
        "append chunk compact concat first has initial last list mustAppend mustChunk mustCompact mustFirst mustHas"
        " mustInitial mustLast mustPrepend mustPush mustRest mustReverse mustSlice mustUniq mustWithout prepend push"
        " rest reverse slice tuple uniq without"
    ),
    "dicts": "dict dig get hasKey keys omit pick pluck set unset values",
    "copying": "deepCopy mustDeepCopy",
    "merging": "merge mergeOverwrite mustMerge mustMergeOverwrite",
    "defaults": "all any coalesce default empty fail ternary",
    "encoding": "b32dec b32enc b64dec b64enc",
    "hashes": "adler32sum sha1sum sha256sum sha512sum",
    "json": "fromJson mustFromJson mustToJson mustToPrettyJson mustToRawJson toJson toPrettyJson toRawJson",
    "dates": (
        "ago date dateInZone dateModify date_in_zone date_modify duration durationRound htmlDate htmlDateInZone"
        " mustDateModify mustToDate must_date_modify now toDate unixEpoch"
    ),
    "regex": (
        "mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit"
        " regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit"
    ),
    "semver": "semver semverCompare",
    "urls": "urlJoin urlParse",
    "paths": "base clean dir ext isAbs osBase osClean osDir osExt osIsAbs",
    "types": "deepEqual kindIs kindOf typeIs typeIsLike typeOf",
    "random": "randAlpha randAlphaNum randAscii randBytes randInt randNumeric shuffle uuidv4",
    "passwords": "bcrypt derivePassword htpasswd",
    "aes": "decryptAES encryptAES",
    "certificates": (
        "buildCustomCert genCA genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert"
        " genSignedCertWithKey"
    ),
}
"""The names of each family; the family `x` stands in `functions/x.py`."""

VARYING = frozenset(
    " ".join(FAMILIES[family] for family in ("dates", "random", "passwords", "aes", "certificates")).split()
)
"""Functions that may make another value of the same arguments the next time: by time, by chance, with new keys.

Whole families, for simplicity: some of `dates` and `passwords` do so only for some arguments, or never.
"""

_family_of = {name: family for family, names in FAMILIES.items() for name in names.split()}


def lookup(name: str) -> Function | None:
    """Return the function of a name, or None if the name is unknown."""
    found = registered.get(name)
    if found is None and (family := _family_of.get(name)) is not None:
        import_module(f"sealwright_templating.functions.{family}")
        found = registered[name]
    return found


def names() -> list[str]:
    """Return the names of all functions, sorted."""
    return sorted(_family_of)
