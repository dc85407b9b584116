"""The sealing keys: which key Secrets count, which key is served, when a new one is due and how it is made.

keystore         the current keys, as immutable snapshots
keykeeper        makes keys when they are due or requested, and checks the served one
renewal          when the next key is due
keysecrets       key Secrets as manifests, and which is the newest
admission        the verdict on one key Secret: in use, labelled as not in use, unreadable, not trusted
provenance       whether a Secret was made from a SealedSecret and so never counts as a key
trust            `--key-trust=controller`: the controller's own keys, and those that an administrator acknowledged
trustsecret      the Secret that identifies the controller's own keys
acknowledgement  whether an administrator acknowledged a key, and not its creator
likely           which keys an object was probably sealed to
pairs            reads each pair of certificate and private key once
places           which key Secrets are kept if there are too many
names            names of new key Secrets, the same for controllers that make one at the same time
storing          stores one key when several controllers make one at the same time
news             messages about keys that do not count or are lost
"""
