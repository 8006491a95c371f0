// The tabs that a reader finds on the first visit; later ones stand in the browser's storage.
import live from './examples/live.graphql';
import orders from './examples/orders.graphql';
import ordersVariables from './examples/orders.json';
import product from './examples/product.graphql';
import productVariables from './examples/product.json';
import shelves from './examples/shelves.graphql';
import shops from './examples/shops.graphql';

export const examples = [
  { query: shops },
  { query: orders, variables: ordersVariables },
  { query: product, variables: productVariables },
  { query: shelves },
  { query: live },
];
