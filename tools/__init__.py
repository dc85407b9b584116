"""What makes, shows, checks and describes the project: part of no wheel, and not support for tests.

`building` makes what everything else needs, with the standard library alone; `pages` writes the reference pages;
`checks` measures the whole product; `demo` tells its story. Every tool runs from the checkout by its
name, as `python -m tools.pages.cli_reference`, and takes `--help`.

Tests may import tools. Two tools run what tests run, and import `tests.support` for that: `checks.bomb_run` and
`demo.worlds` start the API server and the controller as tests do. No other tool may; contracts.toml has the contract.
"""
