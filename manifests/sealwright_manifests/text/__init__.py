"""YAML and JSON as text: read into nodes that know where they stand, within limits, and written.

tree          nodes: what a document holds, and where
scalars       what a bare YAML scalar means
yamlevents    YAML into the parser's events, and what is wrong with it
yamlreader    events into nodes
jsonreader    JSON into nodes
documents     streams of documents, and how they are put together again
blocks        where a node begins and ends as lines
yamlwriter    plain data into YAML
"""
