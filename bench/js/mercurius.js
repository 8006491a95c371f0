// The same three questions on Mercurius, as its users set it up for speed: jit, loaders, and
// undici.request over a pool.
//
//     node mercurius.js PORT PLATFORM KEPT
//
// KEPT 1 keeps the platform's answers in the process, parsed.

import Fastify from "fastify";
import mercurius from "mercurius";
import { Pool } from "undici";

const [port, platform, kept] = process.argv.slice(2);

const STATUS = { 2: "AWAITING_SHIPMENT", 3: "SHIPPED", 5: "COMPLETED", 8: "IN_DISPUTE" };
const LISTING = { 1: "ON_SHELF", 2: "OFF_SHELF" };

const schema = `
  input OrderFilter { shops: [String!] }
  input ProductFilter { shops: [String!] }
  type Money { amount: String! fen: Int! }
  type PriceRange { min: Money! max: Money! }
  type Sku { platformId: String! code: String price: Money listPrice: Money stock: Int image: String }
  type Product {
    platformId: String! title: String! mainImage: String status: String! totalStock: Int
    priceRange: PriceRange skus: [Sku!]!
  }
  type OrderItem { title: String! quantity: Int! unitPrice: Money product: Product }
  type Order {
    platformId: String! status: String! createdAt: String total: Money! items: [OrderItem!]!
  }
  type OrderConnection { nodes: [Order!]! }
  type ProductConnection { nodes: [Product!]! }
  type Query {
    orders(first: Int, filter: OrderFilter): OrderConnection
    products(first: Int, filter: ProductFilter): ProductConnection
    productByPlatformId(shop: String!, platformId: String!): Product
  }
`;

const pool = new Pool(platform, { connections: 100 });
const known = new Map();

async function call(path, body) {
  const text = JSON.stringify(body);
  const key = path + text;
  if (kept === "1" && known.has(key)) return known.get(key);
  const answer = await pool.request({
    path: `${path}?access_token=bench`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: text,
  });
  const found = await answer.body.json();
  if (found.errcode !== 0) throw new Error(found.errmsg);
  if (kept === "1") known.set(key, found);
  return found;
}

const allProducts = async () =>
  (await call("/merchant/getbystatus", { status: 0 })).products_info;

const money = (fen) => ({ fen });

function product(raw) {
  return {
    platformId: raw.product_id,
    title: raw.product_base.name,
    mainImage: raw.product_base.main_img,
    status: LISTING[raw.status] ?? "UNKNOWN",
    raw,
  };
}

const resolvers = {
  Query: {
    async orders(_, { first }) {
      const listed = (await call("/merchant/order/getbyfilter", {})).order_list;
      const newest = [...listed].sort(
        (a, b) =>
          b.order_create_time - a.order_create_time || (a.order_id < b.order_id ? 1 : -1),
      );
      return { nodes: newest.slice(0, first) };
    },
    async products(_, { first }) {
      const sorted = [...(await allProducts())].sort((a, b) =>
        a.product_id < b.product_id ? -1 : 1,
      );
      return { nodes: sorted.slice(0, first).map(product) };
    },
    async productByPlatformId(_, { platformId }) {
      return product(
        (await call("/merchant/get", { product_id: platformId })).product_info,
      );
    },
  },
  Money: {
    amount: ({ fen }) =>
      `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`,
  },
  Order: {
    platformId: (order) => order.order_id,
    status: (order) => STATUS[order.order_status] ?? "UNKNOWN",
    createdAt: (order) =>
      new Date(order.order_create_time * 1000).toISOString().replace(".000Z", "Z"),
    total: (order) => money(order.order_total_price),
    items: (order) => order.products,
  },
  OrderItem: {
    title: (line) => line.product_name,
    quantity: (line) => line.product_count,
    unitPrice: (line) => money(line.product_price),
  },
  Product: {
    totalStock: ({ raw }) => raw.sku_list.reduce((sum, sku) => sum + sku.quantity, 0),
    priceRange({ raw }) {
      const prices = raw.sku_list.map((sku) => sku.price);
      return { min: money(Math.min(...prices)), max: money(Math.max(...prices)) };
    },
    skus: ({ raw }) => raw.sku_list,
  },
  Sku: {
    platformId: (sku) => sku.sku_id,
    code: (sku) => sku.product_code,
    price: (sku) => money(sku.price),
    listPrice: (sku) => money(sku.ori_price),
    stock: (sku) => sku.quantity,
    image: (sku) => sku.icon_url,
  },
};

const loaders = {
  OrderItem: {
    product: {
      async loader(queries) {
        const found = new Map((await allProducts()).map((raw) => [raw.product_id, raw]));
        const made = new Map();
        return queries.map(({ obj }) => {
          const id = obj.product_id;
          if (!made.has(id)) made.set(id, found.has(id) ? product(found.get(id)) : null);
          return made.get(id);
        });
      },
      opts: { cache: false },
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ port: Number(port), host: "127.0.0.1" });
