"""Tools that build, demonstrate, check and describe the project: part of no wheel, and not test support.

`building` makes the environment and the API server, with the standard library alone; `pages` writes the reference
pages; `checks` measures the whole product; `demo` tells its story. Every tool runs from the checkout by its name, as
`python -m tools.pages.cli_reference`, and takes `--help`.

Tests may import tools. Three tools run what tests run, and import `tests.support` for that: `checks.bomb_run`,
`checks.chaos_run` and `demo.worlds` start the API server and the controller as tests do. Other tools may not;
contracts.toml has the contract.
"""
