"""No message shows what is secret in an address."""

import pytest

from reprose.base.errors import ReproseError, masked
from reprose.base.messages import say

ADDRESSES = {
    "http://anna:geheim@host/x": "http://***@host/x",
    "at 'https://geheim@host:80', then": "at 'https://***@host:80', then",
    "http://anna:ge'heim@host": "http://***@host",
    "http://anna:ge@heim@host": "http://***@host",
    "http://anna:12/geheim@host/x": "http://***@host/x",
    "http://host/x?token=geheim: 404": "http://host/x?token=***: 404",
    "http://host/x?id=geheim&sig=geheim, gone": "http://host/x?id=***&sig=***, gone",
    "(http://host?geheim)": "(http://host?***)",
    "exceeded with url: /x?token=geheim (Caused by": "exceeded with url: /x?token=*** (Caused by",
}
HARMLESS = ("http://host/a@b/c", "no login@host", "what/if?so", "file:///a/b", "https://host:80/x#part")


@pytest.mark.parametrize("text", ADDRESSES)
def test_user_password_and_query_of_an_address_are_masked(text):
    assert masked(text) == ADDRESSES[text]
    assert str(ReproseError(text)) == ADDRESSES[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_nothing_else_is_masked(text):
    assert masked(text) == text


def test_what_a_step_says_is_masked_too(capsys):
    say("error: unexpected\nValueError: http://anna:geheim@host")
    assert capsys.readouterr().err == "| error: unexpected\n| ValueError: http://***@host\n"
