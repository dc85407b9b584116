"""Verbs that tell something about sealed files.

diff     what differs between files, folders or revisions?
lint     what is wrong with the manifests?
inspect  what is in them?
explain  why would they not unseal?
verify   can the controller open them?
"""
