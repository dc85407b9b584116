"""Verbs that open sealed files, or have them opened.

unseal           the Secrets of SealedSecrets
render           what templates make
reencrypt        the items again, to the newest key
reencryptreport  of reencrypt: what it counts and says
"""
