"""How often: what keeps a flood from becoming one of looks, Events or log lines.

edits       when changed objects are looked at
lines       who waits for a share of a namespace, and in which order
eventcaps   how many Events are written
saidbefore  what was said already
buckets     token buckets for many keys
"""
