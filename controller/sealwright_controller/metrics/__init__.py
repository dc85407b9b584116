"""Figures for Prometheus.

registry    upstream's metrics and ours, counted as events happen
keys        the sealing keys: how many, how old, how many items each opened
objects     the state of SealedSecrets
queue       the work queue
watches     time since anything was received from the API server
renderers   the processes that render templates
leadership  whether this replica leads, and on which shards it works
othercontroller whether sealed-secrets' controller runs as well
missingkeys SealedSecrets whose key is gone
contention  Secrets that another writer keeps reverting
"""
