"""What every platform of WeChat shares: its general error codes and its access token."""
