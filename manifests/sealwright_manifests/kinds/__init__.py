"""The objects in documents.

finding     finds objects, also those in lists
fieldnames  which fields they have
reading     Secrets and SealedSecrets, typed as upstream does it
keysecrets  what a key Secret consists of
"""
