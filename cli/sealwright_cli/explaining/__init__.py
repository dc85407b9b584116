"""Why a SealedSecret would not unseal: pure rules over what is known of it. Reads nothing, asks nobody.

finding      from all that is known to the causes, the likeliest first
causes       one cause: its evidence, and the command that mends it
evidence     what is known: the object, a certificate, earlier versions, private keys, what a cluster says
ciphertexts  what is wrong with a damaged ciphertext
places       the name, namespace and scope that a ciphertext was sealed for
keys         the key that a ciphertext was sealed to
opening      what private keys tell
clusters     what a cluster tells
"""
