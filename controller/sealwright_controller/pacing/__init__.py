"""How often: what keeps a flood from becoming one of looks, Events, log lines or private-key operations.

backoff       how long to wait before trying again
buckets       token buckets for many keys
ratelimit     how much work HTTP clients may have the private keys do; how many requests go to the API server
edits         when changed objects are looked at
waitinglines  who waits for a share of a namespace, and in which order
eventcaps     how many Events are written
saidbefore    what was said already
"""
