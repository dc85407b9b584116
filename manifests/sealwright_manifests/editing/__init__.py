"""Manifests changed in their text.

fields        single fields of an object
layout        a Secret's text → its SealedSecret's, with the author's comments and order
exchanging    SealedSecrets into the text of their Secrets
comments      comments that could give a value away
spellings     how a value may be written in a comment
"""
