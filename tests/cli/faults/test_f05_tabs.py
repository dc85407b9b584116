"""f05: tabs are read where kubectl reads them: before a comment, at the end of a line, behind a colon and a marker."""

from tests.support.cli import CERTIFICATE, kubeseal, seal, unseal

TEXT = (
    "---\t\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\t# the database\n  namespace: team-a\n"
    "stringData:\n  a: x\t\n  b:\tz\n"
)


def test_tabs_are_read_and_stay() -> None:
    sealed = seal(stdin=TEXT)
    assert b"name: db\t# the database" in sealed.stdout
    assert unseal("-o", "json", stdin=sealed.stdout).json["data"] == {"a": "eA==", "b": "eg=="}


def test_tabs_are_read_as_kubeseal_does() -> None:
    sealed = kubeseal("--cert", CERTIFICATE, stdin=TEXT)
    assert unseal("-o", "json", stdin=sealed.stdout).json["data"] == {"a": "eA==", "b": "eg=="}
