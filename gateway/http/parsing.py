"""Parses documents, and prices them by their tokens before they are parsed."""

import re
from itertools import islice
from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, Location, Token
from graphql.language.parser import Parser

#: About ten characters per token of the largest document; comments and strings take more.
CHARACTERS_PER_TOKEN: Final = 20
#: Tokens that are parsed and validated for one point: about a quarter of a millisecond of CPU.
_TOKENS_PER_POINT: Final = 10
#: Possessive, so that no text is read twice.
_LEXEME: Final = re.compile(
    r'#[^\n\r]*+|"""(?:[^"\\]|\\"""|\\|"(?!""))*+"""|"(?:[^"\\\n\r]|\\.)*+"'
    r"|\w++|\.\.\.|-\d++|[^\s,\ufeff]"
)


def count_tokens(text: str, most: int) -> int:
    """The tokens and comments of a document, up to `most`, in a fraction of the parser's time.

    Approximate: a number with a fraction is several, and text that is no GraphQL is counted too.
    Long names and strings count as one for each twenty characters of the text.
    """
    lexemes = sum(1 for _ in islice(_LEXEME.finditer(text), most))
    return min(most, max(lexemes, len(text) // CHARACTERS_PER_TOKEN))


def token_price(tokens: int) -> int:
    """Points for parsing and validating a document of that many tokens."""
    return 1 + tokens // _TOKENS_PER_POINT


def parse_document(text: str, *, max_tokens: int) -> DocumentNode:
    """Parse a document of at most `max_tokens` tokens, and as many comments.

    Neither the document nor an error leaves a reference cycle behind, which would stay in memory
    until the garbage collector runs.

    Raises:
        GraphQLSyntaxError: it is no GraphQL, or has more tokens.
    """
    parser = _AcyclicParser(text, max_lexical_tokens=max_tokens, max_comments=max_tokens)
    try:
        return parser.parse_document()
    except RecursionError:
        pass
    finally:
        parser.unlink_tokens()
    raise GraphQLSyntaxError(
        parser.source, parser.position, "Document is nested too deeply. Parsing aborted."
    )


class _AcyclicParser(Parser):
    """graphql-core's parser, whose nodes keep their place in the text but not their tokens.

    Tokens are a doubly linked list, and take as much memory as the nodes.
    """

    def __init__(self, text: str, *, max_lexical_tokens: int, max_comments: int) -> None:
        super().__init__(text, max_lexical_tokens=max_lexical_tokens, max_comments=max_comments)
        self._first: Token = self._lexer.token
        self.source = self._lexer.source

    @property
    def position(self) -> int:
        """The offset of the token that is being read."""
        return self._lexer.token.start

    def loc(self, start_token: Token) -> Location:
        """The place of a node."""
        place = Location(start_token, self._lexer.last_token, self.source)
        place.start_token = place.end_token = self._first
        return place

    def unlink_tokens(self) -> None:
        """Break the cycles between tokens."""
        token: Token | None = self._first
        while token is not None:
            token.prev, following = None, token.next
            token.next, token = None, following
