"""What several verbs do with Secrets and SealedSecrets.

sealing         which name, namespace and scope each Secret of a file gets
filesealing     seals one file after the other, writes the results that have files of their own
sealedinput     which SealedSecrets are opened, and for which namespace
target          the one SealedSecret of a file that is changed in place
values          values that are typed, on standard input, or random
sources         items from files, as kubectl reads them
typedsecrets    the items that types of Secrets need
outer           labels and annotations that options give
aged            the earlier versions of a file with SealedSecrets
resultplaces    where results go, and what must not be replaced there
keyfiles        with which private keys they are opened
updating        a Secret sealed over an existing SealedSecret: which ciphertexts stay
digests         which values were sealed here before, as keyed digests in the user's state folder
renewing        one SealedSecret in a text, encrypted again
resealers       who encrypts items again: this program or the controller
doubts          values that look like a mistake
templatefaults  errors about templates that fail, and what of them can hold a value
"""
