"""`python -m sealwright_cli` is `sealwright`."""

from sealwright_cli.start import sealwright

sealwright()
