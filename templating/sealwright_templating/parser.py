"""Makes nodes of tokens: which tokens form an action. The form of a token is the lexer's business."""

from collections.abc import Iterator, Sequence

from sealwright_templating.errors import TemplateParseError
from sealwright_templating.lexer import Kind, Token, tokens
from sealwright_templating.nodes import Field, Node, Text
from sealwright_templating.source import Source


def parse(source: Source) -> tuple[Node, ...]:
    """Return a template's nodes in order. Raises TemplateParseError."""
    return tuple(_nodes(source))


def _nodes(source: Source) -> Iterator[Node]:
    left, action = 0, list[Token]()
    for token in tokens(source):
        match token.kind:
            case Kind.TEXT:
                yield Text(token.text, token.offset)
            case Kind.LEFT:
                left, action = token.offset, []
            case Kind.RIGHT:
                yield _field(source, left, action)
            case _:
                action.append(token)


def _field(source: Source, left: int, action: Sequence[Token]) -> Field:
    """Return the field that the tokens of one action ask for."""
    action = _without_outer_space(action)
    if not action:
        raise source.error(TemplateParseError, left, "this action is empty")
    first, *others = action
    for token in others:
        if token.kind is Kind.SPACE:
            raise source.error(TemplateParseError, token.offset, "arguments are not supported yet")
        if token.kind is Kind.DOT:
            raise source.error(TemplateParseError, token.offset, "a field's name is missing after this dot")
    if first.kind is Kind.DOT:
        reason = "printing all the data is not supported yet; name a field, as in {{ .password }}"
        raise source.error(TemplateParseError, first.offset, reason)
    return Field((first.text, *(token.text for token in others)), first.offset)


def _without_outer_space(action: Sequence[Token]) -> Sequence[Token]:
    solid = [index for index, token in enumerate(action) if token.kind is not Kind.SPACE]
    return action[solid[0] : solid[-1] + 1] if solid else []
