"""Operations that cost something, and somebody who buys them: an admin uses everything for nothing."""

import base64

from running_agent import Agent, Client


def consumer(agent: Agent, name: str = "carol") -> Client:
    """A new account that only consumes."""
    account = {"username": name, "password": "a long pass phrase", "roles": ["consumer"]}
    answer = agent.client().send("POST", "/accounts", account)
    assert answer.status == 201, answer
    credentials = f"{name}:{account['password']}"
    client = Client(agent.url, "Basic " + base64.b64encode(credentials.encode()).decode())
    client.authorization = f"token {client.send('POST', '/api/v1/auth/token').json}"
    return client


def offer(seller: Client, operation: str, uses: int) -> str:
    """Sells so many uses of an operation at a time; returns the listing."""
    agreement = {"price": "1", "currency": "EUR", "uses": uses}
    listing = {"assetid": operation, "agreement": agreement, "status": "published"}
    return seller.send("POST", "/api/v1/market/listings", listing).json["id"]


def buy(buyer: Client, seller: Client, listing: str) -> str:
    """Buys what a listing offers, and has the seller say that it is paid; returns the purchase, which is the token."""
    order = {"listingid": listing, "status": "ordered"}
    purchase = buyer.send("POST", "/api/v1/market/purchases", order).json["id"]
    answer = seller.send("PUT", f"/api/v1/market/purchases/{purchase}", {"payment": "settled"})
    assert answer.status == 200, answer
    return purchase
