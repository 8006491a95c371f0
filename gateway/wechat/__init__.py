"""Common to WeChat's platforms: error codes, access token, after-sales, messages."""
