"""Want-to-buy lists, product data and the cart page of shopping lists."""
