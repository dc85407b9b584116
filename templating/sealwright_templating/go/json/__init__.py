"""Go's encoding/json: values as JSON texts and back, to the byte. The template functions are elsewhere."""

from sealwright_templating.go.json.decode import decode_json
from sealwright_templating.go.json.encode import encode_json

__all__ = ["decode_json", "encode_json"]
