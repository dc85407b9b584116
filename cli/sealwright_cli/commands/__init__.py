"""One module per verb: plain functions from options and streams to an exit status; no command line, no environment."""
