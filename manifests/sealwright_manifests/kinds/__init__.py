"""The objects in documents.

finding     which objects there are, those in lists too
fieldnames  which fields they have
reading     Secrets and SealedSecrets, with upstream's typing
keysecrets  what a key Secret is made of
"""
