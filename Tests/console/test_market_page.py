"""Offers, purchases and their payment in the console."""

import re

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from market import consumer


@pytest.fixture(scope="module")
def buyer(agent):
    return consumer(agent, "carol")


PASSWORD = "a long pass phrase"


def offers(agent) -> list:
    return agent.client().send("GET", "/api/v1/market/listings?username=admin").json


def test_an_operation_is_offered_bought_settled_and_used(open_browser, agent, buyer):
    seller = agent.client()
    operation = seller.register("printf hi", name="priced")
    page = open_browser()
    page.goto("/ui/market/own")
    expect(page.get_by_text("You offer nothing.")).to_be_visible()
    page.get_by_label("Asset or operation").fill(operation)
    page.get_by_label("Price").fill("0.50")
    page.get_by_label("Currency").fill("OCEAN")
    page.get_by_label("Uses of one purchase").fill("2")
    check_accessibility(page)
    page.get_by_role("button", name="Offer").click()
    expect(page.get_by_role("row", name=re.compile("^work"))).to_contain_text("0.50 OCEAN for 2 uses")
    (listing,) = offers(agent)
    assert listing["status"] == "published"
    assert listing["agreement"] == {"price": "0.50", "currency": "OCEAN", "uses": 2}

    shop = open_browser("carol", PASSWORD)
    shop.goto("/ui/market")
    shop.get_by_role("button", name="Buy work").click()
    shop.locator("dialog").get_by_role("button", name="Buy").click()
    expect(shop).to_have_url(re.compile("/ui/market/purchases$"))
    row = shop.get_by_role("row", name=re.compile("^work"))
    expect(row).to_contain_text("ordered")
    expect(shop.get_by_role("button", name=re.compile("^Settle"))).to_have_count(0)
    (purchase,) = buyer.send("GET", "/api/v1/market/purchases").json
    assert purchase["payment"] in ("none", "pending") and purchase["status"] == "ordered"
    row.get_by_role("link", name="work").click()
    expect(shop.get_by_text("It waits for the seller")).to_be_visible()

    page.goto("/ui/market/purchases")
    check_accessibility(page)
    page.get_by_role("button", name="Settle the purchase of work").click()
    page.locator("dialog").get_by_role("button", name="Settle").click()
    expect(page.get_by_role("button", name="Refund the purchase of work")).to_be_visible()
    assert buyer.send("GET", f"/api/v1/market/purchases/{purchase['id']}").json["payment"] == "settled"

    assert buyer.result(buyer.accepted(operation, "x", Purchase_Token=purchase["id"]))["status"] == "completed"
    shop.reload()
    expect(shop.locator(".note", has_text="The purchase token is")).to_contain_text(purchase["id"])
    expect(shop.get_by_role("region", name="Table of jobs").locator("tbody tr")).to_have_count(1)
    check_accessibility(shop)
    check_width(shop)
    shop.get_by_role("button", name=re.compile("^Note that")).click()
    expect(shop.get_by_role("button", name=re.compile("^Note that"))).to_have_count(0)
    assert buyer.send("GET", f"/api/v1/market/purchases/{purchase['id']}").json["status"] == "delivered"

    page.get_by_role("button", name="Refund the purchase of work").click()
    page.locator("dialog").get_by_role("button", name="Refund").click()
    expect(page.get_by_role("row", name=re.compile("^work"))).to_contain_text("refunded")
    assert buyer.send("GET", f"/api/v1/market/purchases/{purchase['id']}").json["payment"] == "refunded"


def test_a_listing_changes_its_terms_and_its_state(page, agent):
    seller = agent.client()
    operation = seller.register("printf hi", name="changing")
    listing = seller.send("POST", "/api/v1/market/listings", {"assetid": operation, "status": "unpublished"}).json["id"]
    path = f"/api/v1/market/listings/{listing}"
    page.goto(f"/ui/market/listings/{listing}")
    check_accessibility(page)
    check_width(page)
    page.get_by_role("button", name="Publish work").click()
    expect(page.get_by_role("button", name="Withdraw work")).to_be_visible()
    assert seller.send("GET", path).json["status"] == "published"
    page.get_by_label("Price").fill("3")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("dd", has_text=re.compile("^3 "))).to_be_visible()
    assert seller.send("GET", path).json["agreement"]["price"] == "3"
    page.get_by_role("button", name="Suspend work").click()
    page.locator("dialog").get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("button", name="Lift the suspension of work")).to_be_visible()
    assert seller.send("GET", path).json["status"] == "suspended"
    page.get_by_role("button", name="Lift the suspension of work").click()
    expect(page.get_by_role("button", name="Withdraw work")).to_be_visible()
    page.get_by_role("button", name="Withdraw work").click()
    page.locator("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("button", name="Publish work")).to_be_visible()
    assert seller.send("GET", path).json["status"] == "unpublished"


def test_a_price_that_is_none_is_refused_at_the_form(open_browser, agent):
    page = open_browser(expected=("400",))
    operation = agent.client().register("printf hi", name="unpriced")
    page.goto("/ui/market/own")
    page.get_by_label("Asset or operation").fill(operation)
    page.get_by_label("Price").fill("a lot")
    page.get_by_role("button", name="Offer").click()
    expect(page.get_by_role("alert")).to_contain_text("decimal")


def test_the_market_is_listed_without_scripts(open_browser, agent, buyer):
    seller = agent.client()
    operation = seller.register("printf hi", name="plain")
    offer = {"assetid": operation, "agreement": {"price": "7", "currency": "EUR"}, "status": "published"}
    listing = seller.send("POST", "/api/v1/market/listings", offer).json["id"]
    page = open_browser("carol", PASSWORD, java_script_enabled=False)
    page.goto("/ui/market")
    page.locator(f"a[href='/ui/market/listings/{listing}']").click()
    expect(page.locator(".facts")).to_contain_text("7 EUR")
    page.get_by_role("link", name="Purchases").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Purchases")
    check_width(page)
