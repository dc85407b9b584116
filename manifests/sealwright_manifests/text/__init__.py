"""YAML and JSON as text: read into nodes that know where they stand, within limits, and written.

decoding      bytes into text
bounds        how much of a text is read
tree          nodes: what a document holds, and where
scalars       what a bare YAML scalar means
yamlevents    YAML into the parser's events, and what is wrong with it
pythonparser  the events where there is no libyaml
yamlreader    events into nodes
jsonreader    JSON into nodes
documents     streams of documents, and how they are put together again
blocks        where a node begins and ends as lines
plaindata     documents as plain data
yamlwriter    plain data into YAML
"""
