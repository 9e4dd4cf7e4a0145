/**
 * The floor of every ratio: bare Hono on node-server, which checks nothing and answers fixed JSON.
 */
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const person = { id: "usr_4hT9vN0cS7S1m2kQxJr8Lg", email: "mike@example.com" };
const app = new Hono();
app.get("/", (context) => context.json(person));
app.post("/", (context) => context.json(person));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env["FLOOR_PORT"]) });
