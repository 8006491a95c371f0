"""The WeChat Store's implementations of the ports, one small class each."""
