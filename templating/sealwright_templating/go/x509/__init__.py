"""Keys and certificates as Sprig makes them: PEM, private keys, X.509 certificates.

`cryptography` makes and reads the keys and signs; this package does the rest as Go does it. Imported only by the
functions that need it, because `cryptography` takes a tenth of a second to load.
"""
