import pytest

from gateway.ledger.requirements import InvalidForPlatform, Requirements, Violation


def test_what_is_given_passes() -> None:
    needs = Requirements("Baidu")

    assert needs.given("a title", "title", instead="") == "a title"
    assert needs.given(0, "shippingFee", instead=1) == 0
    assert needs.settle("written") == "written"


@pytest.mark.parametrize("nothing", [None, "", ()])
def test_what_is_missing_is_a_flaw(nothing: object) -> None:
    needs = Requirements("Baidu")

    assert needs.given(nothing, "items", "0", "title", instead="for now") == "for now"
    with pytest.raises(InvalidForPlatform) as caught:
        needs.settle("written")

    assert caught.value.violations == (Violation(("items", "0", "title"), "Baidu needs it"),)


def test_all_flaws_are_told_at_once() -> None:
    needs = Requirements("Baidu")
    needs.given(None, "title", instead="")
    needs.wrong("it is 1 fen off", "total")
    needs.unsupported("Baidu has no REFUNDED", "status")

    with pytest.raises(
        InvalidForPlatform,
        match=r"^title: Baidu needs it; total: it is 1 fen off; status: Baidu has no REFUNDED$",
    ) as caught:
        needs.settle(None)

    assert [violation.unsupported for violation in caught.value.violations] == [False, False, True]
