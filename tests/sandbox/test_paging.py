"""A page's token is taken back by the list that it came of, and no other text is."""

from __future__ import annotations

import pytest

from netmend.sandbox.api import ApiError
from netmend.sandbox.paging import page

REFUSAL = ApiError("InvalidNextToken", "no page came with it")


def test_pages_follow_each_other_to_the_end() -> None:
    token, seen, pages = None, [], 0
    while pages == 0 or token:
        answer = page("Names", list("abcde"), token, 2, REFUSAL)
        seen += answer["Names"]
        token, pages = answer.get("NextToken"), pages + 1
    assert (seen, pages) == (list("abcde"), 3)


def test_a_last_page_that_is_full_has_no_token() -> None:
    assert page("Names", list("abcd"), "2", 2, REFUSAL) == {"Names": ["c", "d"]}


def test_an_empty_list_is_one_page() -> None:
    assert page("Names", [], None, 2, REFUSAL) == {"Names": []}


@pytest.mark.parametrize("token", ["x", "-1", "6", "\u00b2", "1 ", "9" * 5_000])
def test_a_token_of_nobodys_is_refused(token: str) -> None:
    with pytest.raises(ApiError) as caught:
        page("Names", list("abcde"), token, 2, REFUSAL)
    assert caught.value is REFUSAL
