"""Merges three versions of a manifest's text: what two people changed independently, item by item.

streams   whole files: their documents, line ends and last line break
pairing   which documents of the versions belong together
threeway  the entries of three maps, merged
ordering  the order of the merged entries
afterwards  what Git merged line by line: whether it opens
hints     which key sealed which item, merged
places    which ciphertexts do not open in the merged object
words     what people are told of conflicts
meant     the merged data, found without the text; what is laid out is compared with it
cutting   a document's text, cut into entries with their comments
laying    entries, laid out as text
comments  lines of comments, and comments behind values, merged
pieces    what a text is cut into
"""
