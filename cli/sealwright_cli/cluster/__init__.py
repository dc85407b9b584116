"""What the command line asks of a cluster, and how it finds its way there as kubectl does."""
