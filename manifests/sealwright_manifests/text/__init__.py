"""YAML and JSON as text: read into nodes that know their positions, within limits, and written.

decoding      bytes into text and back
bounds        limits on what is read
tree          nodes: a document's content with positions
scalars       what a bare YAML scalar means
pyyaml        the names of PyYAML that are used
yamlevents    YAML into the parser's events, and its errors
pythonparser  the same events without libyaml
yamlreader    events into nodes
jsonreader    JSON into nodes
conflicts     Git's conflict markers as the reason why a text cannot be read
markers       where a document ends and the next begins
documents     streams of documents: split, and joined again
splices       stretches of a text exchanged for others
blocks        where a node begins and ends as lines
plaindata     documents as plain data
yamlwriter    plain data into YAML
readable      plain data into YAML for people to edit
"""
