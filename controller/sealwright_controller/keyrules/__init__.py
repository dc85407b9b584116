"""Which key Secrets count, and what a new one is called.

provenance  whether a Secret was made from a SealedSecret, so that it is no key whatever it holds
admission   the verdict on one key Secret: in use, labelled away, unreadable, not trusted
names       names of new key Secrets, on which controllers that make one at the same time agree
storing     one key where several controllers make one
news        what people are told of a key that does not count, or is lost
trust       `--key-trust=controller`: the controller's own keys, and those that an administrator acknowledged
pairs       reading a certificate and its private key, each pair once
places      which are kept where there are too many
trustsecret  the Secret by which the controller's own keys are told
acknowledgement  whether an administrator wrote that a key is theirs, or whoever created it
"""
