"""The questions of the benchmark, as GraphQL."""

from typing import Final

#: 50 orders with the products of their items; the products come by loader.
A: Final = """query A { orders(first: 50, filter: {shops: ["flagship"]}) { nodes {
  platformId status createdAt total { amount }
  items { title quantity unitPrice { fen } product { title mainImage totalStock } }
} } }"""

#: One small product.
B: Final = """query B { productByPlatformId(shop: "flagship", platformId: "pBench0000") {
  platformId title mainImage priceRange { min { amount } max { amount } }
} }"""

#: 50 products of 5 SKUs each.
C: Final = """query C { products(first: 50, filter: {shops: ["flagship"]}) { nodes {
  platformId title mainImage status
  skus { platformId code price { amount fen } listPrice { amount } stock image }
} } }"""

QUESTIONS: Final = {"A": A, "B": B, "C": C}

#: A of one window of time.
WINDOW: Final = """query A($to: DateTime) {
  orders(first: 50, filter: {shops: ["flagship"], createdTo: $to}) { nodes {
    platformId status createdAt total { amount }
    items { title quantity unitPrice { fen } product { title mainImage totalStock } }
} } }"""

#: A of as many orders as wanted.
SOME: Final = """query A($first: Int) {
  orders(first: $first, filter: {shops: ["flagship"]}) { nodes {
    platformId status createdAt total { amount }
    items { title quantity unitPrice { fen } product { title mainImage totalStock } }
} } }"""
