"""Short ids: a bijection that people can type."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.shortid import LAST, decode, encode


@given(st.integers(0, 10**12))
def test_back_and_forth(number: int) -> None:
    assert decode(encode("A", number), "A") == number


@given(st.integers(0, 10**7))
def test_typed_carelessly(number: int) -> None:
    typed = encode("A", number).lower().removeprefix("a-").replace("0", "o").replace("1", "l")
    assert decode(f" {typed} ", "A") == number


@given(st.text())
def test_any_text_is_an_id_or_is_not(text: str) -> None:
    decode(text, "A")


def test_four_letters_for_the_first_million() -> None:
    assert len(encode("A", 32**4 - 1)) == 6
    assert len(encode("A", 32**4)) == 7


def test_no_id_is_of_a_row_that_no_store_can_have() -> None:
    assert decode(encode("A", LAST), "A") == LAST
    assert decode(encode("A", LAST + 1), "A") is None
    assert decode("A-" + "Z" * 20, "A") is None
