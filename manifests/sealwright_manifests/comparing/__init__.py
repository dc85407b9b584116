"""Compares SealedSecrets without any key.

view     a file's text with digests in the place of ciphertexts, for `git diff`
sides    the two sides of a text with conflict markers
changes  what differs between two SealedSecrets, and which ones of two trees belong together
"""
