"""PyYAML, imported by us, is quick to import and works for others as it does by itself."""

import subprocess
import sys

OTHERS = """
import datetime, re
from sealwright_manifests.text import pyyaml
import yaml, yaml.reader

assert not isinstance(yaml.reader.Reader.NON_PRINTABLE, re.Pattern), "compiled at import"
data = yaml.load("[2026-12-01, 1_000.5, 0o17, 0x1F, yes, ~, '\\u00e9']", yaml.SafeLoader)
assert data == [datetime.date(2026, 12, 1), 1000.5, "0o17", 31, True, None, "\\u00e9"], data
assert yaml.dump({"a": "yes", "b": 1.5}) == "a: 'yes'\\nb: 1.5\\n"
try:
    yaml.load("a: \\x01", yaml.SafeLoader)
except yaml.reader.ReaderError:
    pass
else:
    raise AssertionError("a control character was read")
"""


def test_other_users_of_pyyaml_in_the_process_notice_nothing() -> None:
    subprocess.run([sys.executable, "-c", OTHERS], check=True)
