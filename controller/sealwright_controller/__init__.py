"""Turns SealedSecrets into Secrets, in a cluster or in a folder. Start reading in ARCHITECTURE.md, then `manager`."""

from sealwright_crypto import __version__

__all__ = ["__version__"]
