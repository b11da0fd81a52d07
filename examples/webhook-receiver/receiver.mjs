import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.slice("whsec_".length), "base64");
createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts), headers = request.headers, time = headers["webhook-timestamp"];
  const mine = createHmac("sha256", key).update(`${headers["webhook-id"]}.${time}.`).update(body).digest();
  const isOurs = (headers["webhook-signature"] ?? "").split(" ").some((signature) => {
    const code = Buffer.from(signature.slice("v1,".length), "base64");
    return code.length === mine.length && timingSafeEqual(code, mine);
  });
  const isFresh = Math.abs(Date.now() / 1000 - Number(time)) < 300;
  if (isOurs && isFresh) console.log(headers["webhook-id"], body.toString());
  response.writeHead(isOurs && isFresh ? 204 : 400).end();
}).listen(Number(process.env.PORT), "127.0.0.1");
