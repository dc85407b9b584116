"""One module per verb: plain functions from options and streams to an exit status. No command line or environment."""
