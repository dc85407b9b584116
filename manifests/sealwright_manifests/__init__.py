"""What a Kubernetes manifest is, as text and as plain data. Knows no terminal, network, cluster or clock.

text        YAML and JSON into nodes with their positions, and back; streams of documents
comparing   compares SealedSecrets, and shows them without ciphertexts
merging     merges three versions of a manifest, item by item
editing     changes manifests within their text; everything else stays as it was
kinds       the objects in documents, read by Kubernetes' rules
names       which names Kubernetes accepts
errors      what can be wrong with a text or an object in it
"""
