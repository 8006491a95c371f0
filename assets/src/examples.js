// The tabs that a reader finds on the first visit; later ones stand in the browser's storage.
import afterSales from './examples/after_sales.graphql';
import buyer from './examples/buyer.graphql';
import buyerVariables from './examples/buyer.json';
import changed from './examples/changed.graphql';
import changedVariables from './examples/changed.json';
import find from './examples/find.graphql';
import findVariables from './examples/find.json';
import live from './examples/live.graphql';
import lowStock from './examples/low_stock.graphql';
import orders from './examples/orders.graphql';
import ordersVariables from './examples/orders.json';
import product from './examples/product.graphql';
import productVariables from './examples/product.json';
import pushes from './examples/pushes.graphql';
import sales from './examples/sales.graphql';
import salesVariables from './examples/sales.json';
import sameGoods from './examples/same_goods.graphql';
import sameGoodsVariables from './examples/same_goods.json';
import shelves from './examples/shelves.graphql';
import shops from './examples/shops.graphql';
import toShip from './examples/to_ship.graphql';

export const examples = [
  { query: shops },
  { query: orders, variables: ordersVariables },
  { query: toShip },
  { query: sales, variables: salesVariables },
  { query: buyer, variables: buyerVariables },
  { query: find, variables: findVariables },
  { query: changed, variables: changedVariables },
  { query: product, variables: productVariables },
  { query: lowStock },
  { query: sameGoods, variables: sameGoodsVariables },
  { query: afterSales },
  { query: pushes },
  { query: shelves },
  { query: live },
];
