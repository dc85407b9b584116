"""Changes manifests within their text.

fields        single fields of an object
values        replaces a value
keys          replaces a key
additions     adds entries at the end of a map
removals      removes entries of a map, or writes others in their place
readback      reads the edited text again and compares it with what was meant
holes         the places where two texts may differ: their differing values
layout        the text of a Secret → that of its SealedSecret, with the author's comments and order
exchanging    replaces Secrets by SealedSecrets
comments      comments that could give a value away
spellings     how a value may be written in a comment
"""
