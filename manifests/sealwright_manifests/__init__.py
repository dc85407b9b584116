"""What a Kubernetes manifest is, as text and as plain data. Knows no terminal, network, cluster or clock.

text        YAML and JSON into nodes that know where they stand, and back; streams of documents
editing     changing manifests in their text: everything else stays as it was
kinds       the objects in documents, read by Kubernetes' rules
names       which names Kubernetes takes
errors      what can be wrong with a text or an object in it
"""
