"""The objects in documents.

finding     which objects there are, those in lists too
reading     Secrets and SealedSecrets, with upstream's typing
keysecrets  what a key Secret is made of
"""
