"""What every platform of WeChat shares: error codes, access token, after-sales, messages."""
