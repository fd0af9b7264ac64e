"""What the acquirer did, what the merchant is told and what the ledger holds tell the same."""
import collections
import csv
import pathlib

SUSPENSE, PAYABLE, AUTHORIZED = "3200", "2100", "9100"
BOOKED_AS = {(AUTHORIZED, "debit"): "authorized", (PAYABLE, "credit"): "captured",
             (PAYABLE, "debit"): "refunded"}


def all_payments(shop):
    """Every payment of the merchant by its identifier."""
    told, cursor = {}, None
    while True:
        page = shop.list(limit=100, cursor=cursor)
        assert page.status == 200, page.body
        told.update({row["id"]: row for row in page.json["data"]})
        cursor = page.json["next_cursor"]
        if not cursor:
            return told


def by_reference(charges):
    """The acquirer's charges under the merchant's reference."""
    found = collections.defaultdict(list)
    for charge in charges:
        found[charge.get("merchant_reference")].append(charge)
    return found


def compare(payment, charges):
    """What the merchant is told of a payment is what the acquirer did, once."""
    assert len(charges) <= 1, f"charged twice: {charges}"
    approved = [charge for charge in charges if charge["status"] != "declined"]
    done = approved[0] if approved else {"amount": 0, "amount_captured": 0, "amount_refunded": 0}
    told = [payment[f"amount_{name}"]["value"] for name in ("authorized", "captured", "refunded")]
    assert told == [done["amount"], done["amount_captured"], done["amount_refunded"]], (
        payment, charges)


def check_books(instance, shop):
    """Every payment against the acquirer's book, the ledger against itself; returns the payments."""
    told, booked = all_payments(shop), by_reference(instance.book()["charges"])
    references = [row["merchant_reference"] for row in told.values()]
    assert len(references) == len(set(references)), "a payment was made twice"
    for row in told.values():
        compare(row, booked[row["merchant_reference"]])
    unknown = set(booked) - set(references)
    assert not unknown, f"the acquirer charged what nobody knows of: {unknown}"
    assert instance.florin("status")["payments_in_doubt"] == 0
    instance.assert_balanced()
    balances = instance.balances()
    captured = sum(row["amount_captured"]["value"] - row["amount_refunded"]["value"]
                   for row in told.values())
    payable = sum(int(row["credits"]) - int(row["debits"]) for row in balances
                  if str(row["code"]) == PAYABLE)
    assert payable == captured, f"merchant payable is {payable}, of the payments it is {captured}"
    astray = [row for row in balances if str(row["code"]) == SUSPENSE]
    assert not any(int(row[name]) for row in astray
                   for name in ("debits", "credits", "pending_debits", "pending_credits")), astray
    return told


def executed(charges, told):
    """The acquirer's movements: how often each (payment, kind, amount) was carried out."""
    payments = {row["merchant_reference"]: row["id"] for row in told.values()}
    done = collections.Counter()
    for charge in charges:
        if charge["status"] == "declined":
            continue
        payment = payments[charge["merchant_reference"]]
        done[payment, "authorized", charge["amount"]] += 1
        parts = {kind: [part["amount"] for part in charge[kind] if part["status"] == "succeeded"]
                 for kind in ("captures", "refunds")}
        # A charge that captures at once has no capture of its own.
        parts["captures"] = parts["captures"] or [charge["amount_captured"]]
        done.update((payment, "captured", amount) for amount in parts["captures"] if amount)
        done.update((payment, "refunded", amount) for amount in parts["refunds"])
    return done


def exported(directory):
    """The same movements as the postings of a whole export tell them."""
    folder = pathlib.Path(directory)
    with open(folder / "accounts.csv", newline="", encoding="ascii") as file:
        codes = {row["account"]: row["code"] for row in csv.DictReader(file)}
    done = collections.Counter()
    with open(folder / "postings.csv", newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            kind = BOOKED_AS.get((codes[row["account"]], row["side"]))
            if kind:
                done["pay_" + row["subject"], kind, int(row["amount"])] += 1
    return done
