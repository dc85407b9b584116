"""`sealwright verify`: ask the controller whether it could unseal these SealedSecrets. Nobody gets to see a value."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sealwright_cli.border import border
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import Surroundings, load_kubeconfig
from sealwright_cli.errors import CliError, InputError, UnsealingError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.inputs import find_sources
from sealwright_cli.sealedinput import read_sealed
from sealwright_cli.ui import Console, counted
from sealwright_conventions.kubeconfig.choosing import ClusterFlags
from sealwright_crypto import KIND
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.tree import native


@dataclass(frozen=True)
class VerifyOptions:
    """What to verify (files, folders, `-`; none is standard input), and which controller to ask."""

    inputs: Sequence[str] = ()
    cluster: ClusterFlags = field(default_factory=ClusterFlags)
    controller: ControllerAddress = field(default_factory=ControllerAddress)
    surroundings: Surroundings = field(default_factory=Surroundings)
    as_kubeseal: bool = False


@border()
def verify(options: VerifyOptions, console: Console) -> ExitStatus:
    """Have every SealedSecret verified and tell of each.

    Returns DECRYPTION when one could not be unsealed, INPUT when a file could not be read. Raises CliError for what
    concerns the whole run, such as a controller that does not answer.
    """
    errors: list[CliError] = []
    manifests: list[Manifest] = []
    for source in find_sources(options.inputs):
        try:
            with border():
                manifests += read_sealed(source, console, as_kubeseal=options.as_kubeseal)[1]
        except InputError as error:
            errors.append(error)
    if manifests:
        with ControllerClient(load_kubeconfig(options.cluster, options.surroundings), options.controller) as controller:
            for manifest in manifests:
                try:
                    with border():
                        _verify(manifest, controller, console)
                except (InputError, UnsealingError) as error:
                    errors.append(error)
    elif not errors:
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    for found in errors:
        console.error(found)
    return errors[0].status if errors else ExitStatus.OK


def _verify(manifest: Manifest, controller: ControllerClient, console: Console) -> None:
    sealed = read_sealed_secret(manifest)
    place = "/".join(filter(None, [sealed.namespace, sealed.name]))
    try:
        controller.verify(json.dumps(native(manifest.node)).encode())
    except UnsealingError as error:
        raise UnsealingError(f"{manifest.place}: {KIND} {place}: {error.message}", hint=error.hint) from None
    items = counted(len(sealed.items), "item")
    console.tell(f"{manifest.place}: {place} ({sealed.scope}) can be unsealed, {items}")
