"""Comments that switch rules off: what each place covers."""

import pytest
from tests.support.linting import findings, rules_found

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"
SPEC = "spec:\n  encryptedData: {password: AgB…}\n"
BAD = HEAD + "metadata: {name: D_B}\n" + SPEC


def on_its_line(comment: str) -> str:
    return BAD.replace("{name: D_B}", f"{{name: D_B}}  {comment}")


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("its line", on_its_line("# sealwright: ignore[SW104]")),
        ("one of several", on_its_line("# sealwright: ignore[SW3, SW104]")),
        ("the beginning of ids", on_its_line("# sealwright: ignore[SW1]")),
        ("the name of the rule", on_its_line("# sealwright: ignore[bad-name]")),
        ("all rules", on_its_line("# sealwright: ignore")),
        ("blanks do not matter", on_its_line("#sealwright:ignore[ SW104 ]")),
        ("a reason behind it", on_its_line("# sealwright: ignore[SW104] the test wants it so")),
        ("the next line", BAD.replace("metadata:", "# sealwright: ignore[SW104]\nmetadata:")),
        ("the next line with content", BAD.replace("metadata:", "# sealwright: ignore[SW104]\n\n# so\nmetadata:")),
        ("the file, at its head", f"# sealwright: ignore[SW104]\n{BAD}---\n{BAD}"),
        ("the file, behind its first marker", f"# ours\n---\n# sealwright: ignore[SW104]\n{BAD}---\n{BAD}"),
        ("the file, anywhere", f"{BAD}# sealwright: ignore-file[SW104]\n"),
        ("with Windows line ends", f"# sealwright: ignore[SW104]\n{BAD}".replace("\n", "\r\n")),
    ],
)
def test_a_comment_covers(what: str, text: str) -> None:
    assert rules_found(text, "SW104") == [], what


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("another rule", on_its_line("# sealwright: ignore[SW105]")),
        ("another line", f"{BAD}# sealwright: ignore[SW104]\n"),
        ("other words", on_its_line("# sealwright: ignored[SW104]")),
        ("an earlier document", f"---\n{BAD}---\n# sealwright: ignore[SW104]\n{BAD}"),
    ],
)
def test_a_comment_does_not_cover(what: str, text: str) -> None:
    assert rules_found(text, "SW104") == ["SW104"], what


def test_the_head_of_a_document_covers_the_document() -> None:
    text = f"{BAD}---\n# sealwright: ignore[SW104]\n{BAD}---\n{BAD}"
    assert [one.line for one in findings(text, "SW104")] == [3, 16]


def test_broken_syntax_can_be_switched_off_for_a_file() -> None:
    assert rules_found("# sealwright: ignore[SW002]\na: [\n") == []


def test_an_unknown_rule_is_a_finding_with_the_nearest_one() -> None:
    (found,) = findings(on_its_line("# sealwright: ignore[SW104, bad-nam]"))
    assert (found.rule, found.line, found.column) == ("SW004", 3, 24)
    assert "bad-name" in found.hint


def test_a_comment_can_switch_off_what_shows_between_objects() -> None:
    one = HEAD + "metadata: {name: db}\n" + SPEC
    marked = one.replace("{name: db}", "{name: db}  # sealwright: ignore[SW109]")
    assert rules_found(f"{one}---\n{one}", "SW109") == ["SW109"]
    assert rules_found(f"{one}---\n{marked}", "SW109") == []
