"""How a template is cut into tokens."""

import pytest

from sealwright_templating.language.lexer import tokens
from sealwright_templating.source import Source

TABLE = [
    ("text alone", "a { b", ["text a { b"]),
    ("nothing", "", []),
    ("an action", "a{{ .b }}c", ["text a", "left {{", "space  ", "field .b", "space  ", "right }}", "text c"]),
    ("no spaces", "{{.b}}", ["left {{", "field .b", "right }}"]),
    ("trim markers", "a {{- .b -}} c", ["text a", "left {{", "field .b", "right  -}}", "text c"]),
    ("a run of spaces before a trim marker", "{{.b  -}}", ["left {{", "field .b", "space  ", "right  -}}"]),
    ("a comment", "a{{/* b */}}c", ["text a", "text c"]),
    ("a chain", "{{.a.b}}", ["left {{", "field .a", "field .b", "right }}"]),
    ("the dot and a number", "{{. .5}}", ["left {{", "dot .", "space  ", "number .5", "right }}"]),
    ("variables", "{{$x:=$}}", ["left {{", "variable $x", "declare :=", "variable $", "right }}"]),
    ("an assignment", "{{$x =1}}", ["left {{", "variable $x", "space  ", "assign =", "number 1", "right }}"]),
    ("words and signs", "{{(f|g),}}", ["left {{", "left_paren (", "word f", "pipe |", "word g", "right_paren )", "other ,", "right }}"]),
    ("letters of any script", "{{.ключ_1}}", ["left {{", "field .ключ_1", "right }}"]),
    ("numbers", "{{0x1.8p-1 1e+3 -7 1_0i}}", ["left {{", "number 0x1.8p-1", "space  ", "number 1e+3", "space  ", "number -7", "space  ", "number 1_0i", "right }}"]),
    ("a complex number", "{{1e1-2.5i}}", ["left {{", "complex 1e1-2.5i", "right }}"]),
    ("a sign alone is taken for a number", "{{+ }}", ["left {{", "number +", "space  ", "right }}"]),
    ("text constants", r'{{"a\"}}"`b`}}', ["left {{", r'string "a\"}}"', "raw `b`", "right }}"]),
    ("a raw text over lines", "{{`a\nb`}}", ["left {{", "raw `a\nb`", "right }}"]),
    ("characters", r"{{'\'' 'b'}}", ["left {{", r"character '\''", "space  ", "character 'b'", "right }}"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_tokens(text: str, expected: list[str]) -> None:
    found = list(tokens(Source("t", text)))
    assert [f"{kind} {lexeme}" for kind, lexeme, _ in found] == [*expected, "end "]


@pytest.mark.parametrize("text", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_token_stands_where_it_says(text: str) -> None:
    for _, lexeme, offset in tokens(Source("t", text)):
        assert text.startswith(lexeme, offset)
