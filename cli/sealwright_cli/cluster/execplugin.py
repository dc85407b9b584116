"""Runs the exec plug-in that a kubeconfig names, as kubectl runs it, and returns its credentials.

The plug-in's standard error is shown to the user.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sealwright_cli.cluster.kubeconfigfile import credential_files, told
from sealwright_cli.files.disk import reason
from sealwright_cli.messages.errors import ClusterError
from sealwright_conventions.kubeconfig.credentials import Credentials, CredentialsError
from sealwright_conventions.kubeconfig.execplugin import CANNOT_BE_GIVEN, plugin_of, read_answer
from sealwright_conventions.kubeconfig.stanzas import Cluster


@contextmanager
def not_given() -> Iterator[None]:
    """Turn a CredentialsError into the command's ClusterError."""
    try:
        yield
    except CredentialsError as error:
        raise ClusterError(error.message, hint=error.hint, unreachable=error.may_pass, final=True) from None


def run_plugin(settings: Mapping[str, Any], cluster: Cluster, environ: Mapping[str, str]) -> Credentials:
    """Run the plug-in of a user's `exec` settings and return what it answers. Raises ClusterError."""
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    with not_given(), told():
        plugin = plugin_of(settings, cluster, credential_files, is_terminal=is_terminal)
        try:
            done = subprocess.run(  # noqa: S603 - running what the user's kubeconfig names is the feature
                plugin.words,
                stdin=None if plugin.interactive else subprocess.DEVNULL,  # else it would read our input
                stdout=subprocess.PIPE,
                env={**environ, **plugin.variables},
                check=False,
            )
        except OSError as error:
            raise plugin.cannot_run(reason(error)) from None
        except ValueError:  # its text would be Python's
            raise plugin.cannot_run(CANNOT_BE_GIVEN) from None
        if done.returncode:
            raise plugin.failed(done.returncode)
        return read_answer(done.stdout, plugin)
