"""`python -m sealwright_cli` is `sealwright`."""

from sealwright_cli.app import main

main()
