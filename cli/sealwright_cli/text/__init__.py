"""Manifests as text: read into nodes that know where they stand, changed in place, written. Knows no cluster.

tree          nodes: what a document holds, and where
scalars       what a bare YAML scalar means
yamlevents    YAML into the parser's events, and what is wrong with it
yamlreader    events into nodes, within limits
jsonreader    JSON into nodes
documents     streams of documents, and how they are put together again
manifests     the objects in documents, those in lists too
editing       changing single fields of an object
layout        a Secret's text → its SealedSecret's, with the author's comments and order
exchanging    SealedSecrets into the text of their Secrets
comments      comments that could give a value away
spellings     how a value may be written in a comment
blocks        where a node begins and ends as lines
yamlwriter    plain data into YAML
"""
