"""Verbs that seal values.

create      a SealedSecret without a file of plaintext
seal        Secrets
sealreport  of seal: what it counts and says
update      of seal: a Secret over an existing SealedSecret
raw         one value
merge       the items of a Secret into a SealedSecret
kustomize   the Secrets that Kustomize makes; called by it
"""
