"""What an edited text asks for, compared with the SealedSecret in the file: which ciphertexts stay, what is sealed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.sealed.sealedinput import check_fields, read_object
from sealwright_cli.sealed.target import Target, check_items_exist, listed
from sealwright_cli.views.marks import NAME, Kept, Typed
from sealwright_cli.views.page import Page
from sealwright_conventions.records import field, record
from sealwright_crypto import KIND, Scope, SealedSecret, scope_of
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.names import is_item_name, is_namespace, is_object_name
from sealwright_manifests.text.documents import Form, new_text, read_documents

Item = Kept | Typed


@record
class Known:
    """What is known before: the object in its file, and its values, if they were opened.

    `namespace` and `default` are those of `read_object`.
    """

    target: Target
    values: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    namespace: str = ""
    default: str = ""


@record
class Wanted:
    """The object as it is to be: its plain `data`, and its items; each Kept names the item whose ciphertext it is.

    `sealed` is the object without its ciphertexts. `renamed` maps old names to new ones.
    """

    data: dict[str, Any] = field(repr=False)
    sealed: SealedSecret
    items: Mapping[str, Item]
    renamed: Mapping[str, str]

    @property
    def typed(self) -> dict[str, bytes]:
        """The values that are to be sealed."""
        return {name: item.value for name, item in self.items.items() if isinstance(item, Typed)}


def find_wanted(page: Page, known: Known, console: Console) -> Wanted:
    """Return what a text asks for. Raises InputError for a mistake in it."""
    old = known.target.sealed
    new = _object(page.data, known, console)
    for name in page.items:
        if name not in old.items and not is_item_name(name):
            raise InputError(
                f"{NAME}: an item has a name that no cluster accepts",
                hint="a name has letters, digits, - _ and ., at most 253",
            )
    items = _with_sources(page.items, known.target)
    if new.label == old.label:
        items = {name: _without_same(name, item, known) for name, item in items.items()}
    else:
        items = _all_typed(items, known)
    return Wanted(page.data, new, items, _renamed(items, old))


def _object(data: Mapping[str, Any], known: Known, console: Console) -> SealedSecret:
    """Return the object that a text describes, read as if it came from a file. Raises InputError."""
    old = known.target.sealed
    with border():
        manifests = list(find_manifests(read_documents(new_text([data], Form.JSON), NAME)))
        if len(manifests) != 1 or not manifests[0].is_sealed_secret:
            raise InputError(f"{NAME}: no {KIND}", hint="leave apiVersion and kind as they were")
        check_fields(manifests[0], console, SEALWRIGHT)
        new = read_object(manifests[0], known.namespace, known.default)
    if new.legacy is not None:
        raise InputError(f"{NAME}: spec.data is deprecated", hint="write items to spec.encryptedData")
    for field_name, word, before, is_good in (
        ("name", new.name, old.name, is_object_name),
        ("namespace", new.namespace, old.namespace, is_namespace),
    ):
        if word != before and not is_good(word):
            raise InputError(
                f"{NAME}: metadata.{field_name} is one that no cluster accepts",
                hint="use lower-case letters, digits and -",
            )
    _check_scopes(new, old)
    return new


def _check_scopes(new: SealedSecret, old: SealedSecret) -> None:
    """Raise InputError for a new scope that the annotations of the template contradict."""
    stated = scope_of(new.template.metadata.get("annotations") or {})
    if new.scope is not old.scope and stated not in (Scope.STRICT, new.scope):
        raise InputError(
            f"{NAME}: the scope is {new.scope} by metadata.annotations, and another one by those of spec.template",
            hint="change both",
        )


def _with_sources(items: Mapping[str, Item], target: Target) -> dict[str, Item]:
    """Return items in which each Kept names its source. Raises InputError if one has none."""
    old = list(target.sealed.items)
    named = [item.of for item in items.values() if isinstance(item, Kept) and item.of]
    check_items_exist(target, named)
    gone = [name for name in old if name not in items and name not in named]
    new = [name for name, item in items.items() if item == Kept() and name not in old]
    if new and not _is_same_place(new, list(items), gone, old):
        raise InputError(
            f"{NAME}: {listed(new)}: <sealed> does not say which ciphertext is meant",
            hint=f"write <sealed NAME>, or a value; items of the file: {listed(old)}",
        )
    sources = dict(zip(new, gone, strict=False))
    return {
        name: Kept(item.of or sources.get(name, name)) if isinstance(item, Kept) else item
        for name, item in items.items()
    }


def _is_same_place(new: Sequence[str], items: Sequence[str], gone: Sequence[str], old: Sequence[str]) -> bool:
    """Tell whether one item got another name, and nothing else can be meant: it stands where the old one stood."""
    return len(new) == len(gone) == 1 and items.index(new[0]) == old.index(gone[0])


def _without_same(name: str, item: Item, known: Known) -> Item:
    """Return an item with the ciphertext that it has, if its value was shown and stayed."""
    is_same = isinstance(item, Typed) and known.values.get(name) == item.value
    return Kept(name) if is_same else item


def _all_typed(items: Mapping[str, Item], known: Known) -> dict[str, Item]:
    """Return items with a value each, since no ciphertext fits another place. Raises InputError if one is not known."""
    missing = [name for name, item in items.items() if isinstance(item, Kept) and item.of not in known.values]
    if missing:
        what = "name, namespace or scope" if known.target.sealed.scope is not Scope.CLUSTER_WIDE else "scope"
        raise InputError(
            f"{NAME}: another {what} needs every value, and {counted(len(missing), 'item')} stayed <sealed>: "
            f"{listed(missing)}",
            hint="write the values, show them with --key FILE, or take that change back",
        )
    return {name: Typed(known.values[item.of]) if isinstance(item, Kept) else item for name, item in items.items()}


def _renamed(items: Mapping[str, Item], old: SealedSecret) -> dict[str, str]:
    """Return the items of the file that only get another name."""
    sources = [item.of for item in items.values() if isinstance(item, Kept)]
    return {
        item.of: name
        for name, item in items.items()
        if isinstance(item, Kept) and name not in old.items and item.of not in items and sources.count(item.of) == 1
    }
