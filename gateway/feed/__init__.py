"""Changes of orders as they happen, for those who follow them."""
