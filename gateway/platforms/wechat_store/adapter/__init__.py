"""The ports of the WeChat Store, a small class each."""
