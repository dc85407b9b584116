"""The DSA domain parameters of all DSA keys made here: 2048 bits over 256, by FIPS 186-4.

Sprig makes new ones for each key, which takes seconds. They are public, and any number of keys may share them
(FIPS 186-4, section 4.3). The way in which they were made shows that they were not chosen: appendix A.1.1.2 and A.2.3,
with SHA-256, from a seed that is the hash of a sentence. A test makes them again.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.dsa import DSAParameterNumbers

SEED_SENTENCE: Final = "Sealwright DSA parameters, 2048 and 256 bits, attempt 242"
"""The domain parameter seed is this text's SHA-256; earlier attempts gave no prime q."""

COUNTER: Final = 279
"""The number of the candidate for p at which the search ended."""

_P = (
    "e2508cdb92385972b1f31c44133e9130f0a1e070fe67b922f4160350c61b697fd406aaf49b822146180bd62570ebcdb2"
    "f0d2db7ff6ad7c043950c874237fdd030b0a51ea19f9a3c1cffb653e597816beaf21958876b9c11b34fdb18d7b7adf66"
    "926e8e62910203b2189d37fb57d642a01ec233f1af8070a316c5fc7213cb19a68f511121a29aa5f14f9d792a3d8ed97e"
    "95e4710af47f39e1b1656bbe78f7f374af1961676e9d38ba37797a79c3812792bab803f334453ebb848e50d2d8a333ab"
    "6fc56986f8b825068d472f5068b21a870175edcacf33b372e08dd0bbf7ed03eacaa35cd9e9b66a09af14d8718edb9d03"
    "35fd623d9580b5004af8a8f184d4804d"
)
_Q = "9d879848d33a45ea61ec6ebd61ad767ca598dd2e9be838527b4845796f23e7ad"
_G = (
    "1e09c481e34f5225418342ac42b6fee670a5df0ff0a01e3493ab862e86f93bc7dc0f5c2be4d13399e70543b0229785cb"
    "516c1aa1bc8074c16a0bb1545c8bb0ed9f4c7b78287de5825e69dcca93a496044c6ae02ea35ea3574e7edc6c30172cfe"
    "41614d724c715c89150e51ea46dda5b78556f827f2cf9f945a7713ee10fb690f9bcc15a427b11a58a28fdbe7967807c7"
    "bd97177f7cfe14666a575d2faeb79e636a8ac171a91d3284a0dad1971b4b16ac7a66a121bafeb648203cd5e6b85d7a6d"
    "6e2d1cffca63c2476218c635cb04f56ef2180f33b3ae08c94b8df99b3bea6e17ebbd17248c48df20b6a2d68b038a4039"
    "3e22632783c1bca1de7f5a1327213241"
)

DSA_PARAMETERS: Final = DSAParameterNumbers(p=int(_P, 16), q=int(_Q, 16), g=int(_G, 16))
