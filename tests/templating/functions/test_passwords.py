"""Passwords, where no recorded vector goes. What Go derives, it derived."""

import bcrypt
import pytest

from sealwright_templating import TemplateLimitError, render

PASSWORDS = [
    ("nothing", b""),
    ("a byte of zero", b"a\0b"),
    ("what is no UTF-8", b"\xff\xfe"),
    ("the longest", b"x" * 72),
]


@pytest.mark.parametrize("password", [row[1] for row in PASSWORDS], ids=[row[0] for row in PASSWORDS])
def test_a_hash_is_that_of_the_password(password: bytes) -> None:
    hashed = render("{{ bcrypt .password }}", {"password": password})
    assert hashed.startswith(b"$2a$10$")
    assert bcrypt.checkpw(password, hashed)


def test_a_line_of_an_htpasswd_file_is_checked_by_the_password() -> None:
    user, hashed = render('{{ htpasswd "alice" "secret" }}', {}).split(b":")
    assert user == b"alice"
    assert bcrypt.checkpw(b"secret", hashed)


def test_the_salt_is_what_the_callers_randomness_gives() -> None:
    rendered = render('{{ bcrypt "x" }}', {}, randomness=lambda count: b"\0" * count)
    assert rendered == bcrypt.hashpw(b"x", b"$2a$10$" + b"." * 22)
    assert rendered != render('{{ bcrypt "x" }}', {})


GIVEN_BACK = [
    ('{{ bcrypt (repeat 73 "x") }}', "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"),
    (
        '{{ htpasswd "a" (repeat 73 "x") }}',
        "a:failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes",
    ),
    ('{{ htpasswd "a:b" "c" }}', "invalid username: a:b"),
    ('{{ derivePassword 1 "huge" "p" "u" "s" }}', "cannot find password template huge"),
]


@pytest.mark.parametrize(("template", "text"), GIVEN_BACK)
def test_errors_are_given_back_as_texts(template: str, text: str) -> None:
    assert render(template, {}).decode() == text


DERIVED = [
    ("maximum", 1, "e6)))pSKrXzRYOPNH0%i"),
    ("maximum", 4294967295, "S0(G8v!aEM^DQfvu&EXh"),
    ("long", 1, "HeqaWufi4,Jisf"),
    ("medium", 4294967295, "Dal0*Hed"),
    ("short", 1, "Heq5"),
    ("basic", 1, "ek75lBS7"),
    ("pin", 4294967295, "8020"),
]


@pytest.mark.parametrize(("kind", "counter", "password"), DERIVED)
def test_passwords_are_derived(kind: str, counter: int, password: str) -> None:
    data = {"kind": kind, "main": "correct horse"}
    template = f'{{{{ derivePassword {counter} .kind .main "alice" "example.com" }}}}'
    assert render(template, data).decode() == password


BOUNDED = [
    ("many hashes", '{{ range 17 }}{{ bcrypt "x" }}{{ end }}'),
    ("many derived passwords", '{{ range 6 }}{{ derivePassword 1 "long" "p" "u" "s" }}{{ end }}'),
]


@pytest.mark.parametrize("template", [row[1] for row in BOUNDED], ids=[row[0] for row in BOUNDED])
def test_too_much_work_is_refused_before_any_is_done(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcrypt.hashpw", _never)
    monkeypatch.setattr("hashlib.scrypt", _never)
    with pytest.raises(TemplateLimitError):
        render(template, {})


def _never(*_: object, **__: object) -> bytes:
    raise AssertionError("slow work was done")


def test_a_template_is_rendered_with_real_passwords_even_where_the_rehearsal_fails() -> None:
    template = '{{ $h := htpasswd "a" "b" }}{{ if hasSuffix "..." $h }}{{ fail "a rehearsal" }}{{ end }}{{ $h }}'
    assert render(template, {}).startswith(b"a:$2a$10$")
