"""Single ciphertexts: whatever is not exactly what was sealed does not open."""

import base64
from random import Random

from hypothesis import strategies as st
from tests.support.testkeys import key

from sealwright_crypto import Label, SealwrightCryptoError, open_item
from tools.fuzz.targets.sealed import LABEL, item
from tools.fuzz.targets.target import Target, text_of

_LABEL = Label(LABEL)
_VALUES = [b"", b"hunter2", bytes(300)]


def envelope() -> Target:
    """Return the target; the key has 1024 bits, so that millions of inputs can be opened."""
    small = key("small-1024")
    sealed = [item(value, small.certificate) for value in _VALUES]
    raw = [base64.b64decode(one) for one in sealed]

    def check(data: bytes) -> None:
        text = text_of(data)
        try:
            plaintext = open_item(text, small.private_key, _LABEL)
        except SealwrightCryptoError:
            return
        assert text.replace("\r", "").replace("\n", "") in sealed, "a changed ciphertext opened"
        assert plaintext in _VALUES

    def make(random: Random) -> bytes:
        """Change the bytes behind the base64, or make up all but the form."""
        if random.random() < 0.5:
            return base64.b64encode(target.mutated(random, random.choice(raw)))
        length = random.choice((0, 1, 127, 128, 129, 256, 65535))
        wrapped = random.randbytes(random.choice((length, 128)))
        return base64.b64encode(length.to_bytes(2, "big") + wrapped + random.randbytes(random.randrange(40)))

    drawn = st.one_of(
        st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.builds(lambda length, rest: base64.b64encode(length + rest), st.binary(min_size=2, max_size=2), st.binary()),
    )
    target = Target(
        "envelope", check, [one.encode() for one in sealed], [b"\r\n", b"=", b"AA==", b"-", b"_"], make, drawn
    )
    return target
