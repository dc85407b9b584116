"""Manifests changed in their text.

fields        single fields of an object: which of them change, and what must not change with them
values        a new value in the place of an old one
additions     new entries behind the last of a map
readback      what was made, read again and compared with what was meant
holes         where two texts may differ: at the values that do
layout        a Secret's text → its SealedSecret's, with the author's comments and order
exchanging    SealedSecrets into the text of their Secrets
comments      comments that could give a value away
spellings     how a value may be written in a comment
"""
