"""The sealing keys: which key Secrets count, which key is served, when a new one is due and how it is made.

keystore         the keys, live, as immutable snapshots
keykeeper        makes keys when they are due or asked for, and looks after the served one
renewal          when the next key is due
keysecrets       key Secrets as manifests, and which is the newest
admission        the verdict on one key Secret: in use, labelled away, unreadable, not trusted
provenance       whether a Secret was made from a SealedSecret, so that it is no key whatever it holds
trust            `--key-trust=controller`: the controller's own keys, and those that an administrator acknowledged
trustsecret      the Secret by which the controller's own keys are told
acknowledgement  whether an administrator wrote that a key is theirs, or whoever created it
pairs            reading a certificate and its private key, each pair once
places           which are kept where there are too many
names            names of new key Secrets, on which controllers that make one at the same time agree
storing          one key where several controllers make one
news             what people are told of a key that does not count, or is lost
"""
