"""The sample shop as the state of a Weixin Store."""

from gateway.sandbox.sample_shop import SampleBuyer


def open_id(buyer: SampleBuyer) -> str:
    """Return the buyer's open id in the store."""
    return buyer.open_id("weixin", "oWx7q2")
