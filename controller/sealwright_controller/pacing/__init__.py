"""How often things happen: keeps a flood of requests from flooding looks, Events, log lines or private-key operations.

backoff       how long to wait before a retry
buckets       token buckets for many keys
ratelimit     how much private-key work HTTP clients may cause; how many requests go to the API server
edits         when changed objects are looked at
waitinglines  which objects wait for a share of a namespace, in which order
eventcaps     how many Events are written
saidbefore    what was already reported
"""
