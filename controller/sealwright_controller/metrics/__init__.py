"""Figures for Prometheus.

registry    upstream's metrics and ours, counted as it happens
keys        the sealing keys: how many, how old, what each opened
objects     how SealedSecrets fare
queue       the work queue
watches     for how long nothing was heard of the API server
renderers   the processes that render templates
missingkeys SealedSecrets whose key is gone
contention  Secrets that are fought over
"""
