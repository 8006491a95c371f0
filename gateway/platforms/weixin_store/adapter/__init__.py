"""The ports of a Weixin Store shop."""
