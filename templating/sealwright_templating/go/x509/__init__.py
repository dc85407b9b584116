"""Keys and certificates as Sprig makes them: PEM, private keys, X.509 certificates.

`cryptography` makes the keys, reads them and signs; here is what Go does around that. Imported only by the functions
that need it, for `cryptography` takes a tenth of a second to load.
"""
