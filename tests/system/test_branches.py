"""A merchant with two branches: what is booked for their payments, what is told of it, and what the
export proves."""
import csv
import pathlib
import unittest

from instance_case import InstanceCase
from support import CliError, wait_until


def value(position, name="payable"):
    return position[f"amount_{name}"]["value"]


class Branches(InstanceCase):
    @classmethod
    def prepare(cls):
        cls.other = cls.instance.add_merchant("other")
        make = lambda name, parent: cls.instance.florin(  # noqa: E731
            "merchant", "create", name, "--parent", parent)["id"]
        cls.north, cls.south = make("north", "shop"), make("south", "shop")
        cls.foreign = make("foreign", "other")

    def refused(self, code, *words):
        with self.assertRaises(CliError) as raised:
            self.instance.florin(*words)
        self.assertEqual(raised.exception.error["code"], code, raised.exception)
        return raised.exception.error["message"] + str(raised.exception.error.get("errors", ""))

    def pay(self, amount, reference, branch=None, method="automatic"):
        made = self.shop.create(amount, "EUR", reference, capture_method=method, branch=branch)
        self.assertEqual(made.status, 201, made.body)
        self.assertEqual(made.json.get("branch"), branch)
        return made.json["id"]

    def euro(self):
        answer = self.shop.balances()
        self.assertEqual(answer.status, 200, answer.body)
        return next(row for row in answer.json["data"] if row["currency"] == "EUR")

    def test_tree(self):
        florin = self.instance.florin
        shown = florin("merchant", "show", "shop")
        self.assertEqual([row["name"] for row in shown["branches"]], ["north", "south"])
        self.assertEqual(florin("merchant", "show", "north")["parent_name"], "shop")
        rows = florin("merchant", "list")["items"]
        self.assertEqual([(row["name"], row.get("parent_name")) for row in rows],
                         [("shop", None), ("north", "shop"), ("south", "shop"), ("other", None),
                          ("foreign", "other")])
        before = self.instance.entry_count()
        self.assertIn("one level deep",
                      self.refused("state-conflict", "merchant", "create", "deep", "--parent", "north"))
        self.refused("not-found", "merchant", "create", "lost", "--parent", "nobody")
        self.refused("unique-violation", "merchant", "create", "south", "--parent", "other")
        self.refused("malformed-value", "merchant", "create", "own-rule", "--parent", "shop",
                     "--late-success", "accept")
        self.refused("state-conflict", "credential", "create", "--merchant", "north",
                     "--secret-file", self.instance.folder / "never")
        self.refused("state-conflict", "webhook", "create", "--merchant", "north", "--url",
                     "https://localhost:1/x", "--secret-file", self.instance.folder / "never")
        self.assertEqual(self.instance.entry_count(), before)

    def test_only_ones_own_branches_can_be_named(self):
        before = self.instance.entry_count()
        for branch in (self.foreign, "mer_00000000000000000000000000", "north", "",
                       self.instance.florin("merchant", "show", "shop")["id"]):
            made = self.shop.create(100, "EUR", "wrong", branch=branch)
            self.assertEqual(made.status, 422, made.body)
            self.assertEqual([row["pointer"] for row in made.json["errors"]], ["/branch"], made.body)
            if branch:
                self.assertEqual(self.shop.list(branch=branch).status, 422)
        self.assertEqual(self.instance.entry_count(), before)

    def test_life_of_payments_of_two_branches(self):
        own = self.pay(100_00, "own")
        sold = self.pay(50_00, "north-1", self.north)
        held = self.pay(20_00, "north-2", self.north, method="manual")
        south = self.pay(30_00, "south-1", self.south)
        self.assertEqual(self.shop.capture(held, 15_00, "EUR").status, 201)
        self.assertEqual(self.shop.refund(sold, 10_00, "EUR").status, 201)
        self.assertEqual(self.shop.refund(south, 30_00, "EUR").status, 201)
        self.check_balances()
        self.check_reads(own, sold, held, south)
        self.check_told(sold)
        self.instance.assert_balanced()
        self.check_export(sold, held, south)
        self.instance.kill_daemon()
        self.instance.restart_daemon()
        for client in (self.shop, self.other):
            self.instance.move_client(client)
        self.check_balances()
        self.assertEqual(self.shop.refund(sold, 5_00, "EUR").status, 201)
        self.assertEqual(value(self.euro()["branches"][0]), 50_00)

    def check_balances(self):
        balance = self.euro()
        by_name = {row["name"]: row for row in balance["branches"]}
        self.assertEqual(list(by_name), ["north", "south"])
        self.assertEqual(value(balance["own"]), 100_00)
        self.assertEqual(value(by_name["north"]), 55_00)
        self.assertEqual(value(by_name["north"], "authorized"), 5_00)
        self.assertEqual(value(by_name["south"]), 0)
        self.assertEqual(value(balance), 155_00)
        self.assertEqual(value(balance, "authorized"), 5_00)
        rows = self.instance.florin("ledger", "balances", "--merchant", "shop")["items"]
        payable = {row["owner_name"]: row for row in rows if row["code"] in (2100, 2130)}
        self.assertEqual(payable["shop"]["with_branches"]["balance"], "15500")
        self.assertEqual([payable[name]["balance"] for name in ("shop", "north", "south")],
                         ["10000", "5500", "0"])
        self.assertEqual(payable["north"]["parent"], payable["shop"]["account"])
        self.assertEqual(self.other.balances().json, {"data": []})

    def check_reads(self, own, sold, held, south):
        listed = lambda **more: [row["id"] for row in  # noqa: E731
                                 self.shop.list(**more).json["data"]]
        self.assertEqual(listed(), [south, held, sold, own])
        self.assertEqual(listed(branch=self.north), [held, sold])
        first = self.shop.list(branch=self.north, limit=1).json
        self.assertEqual(listed(branch=self.north, cursor=first["next_cursor"]), [sold])
        # A cursor is good for its own list only.
        self.assertEqual(self.shop.list(cursor=first["next_cursor"]).status, 422)
        everything = self.instance.florin("payment", "list")["items"]
        self.assertEqual([row["id"] for row in everything], [south, held, sold, own])
        mine = self.instance.florin("payment", "list", "--merchant", "north")["items"]
        self.assertEqual([row["id"] for row in mine], [held, sold])
        self.assertEqual(self.other.get(sold).status, 404)

    def check_told(self, payment):
        def told():
            rows = [row["event"] for row in self.instance.events()
                    if row["event"]["data"].get("id") == payment]
            return rows if any(row["type"] == "refund.succeeded" for row in rows) else None
        for event in wait_until("events of the branch's payment", told, seconds=30):
            self.assertEqual(event["data"]["branch"], self.north)

    def check_export(self, *payments):
        """Every posting of these payments names the branch, in files that both verifiers accept."""
        folder = pathlib.Path(self.instance.export_and_verify("branches")["directory"])
        branches = {identifier[4:] for identifier in (self.north, self.south)}

        def read(name):
            with open(folder / name, newline="", encoding="ascii") as file:
                return list(csv.DictReader(file))
        accounts = {row["account"]: row for row in read("accounts.csv")}
        seen = 0
        for row in read("postings.csv"):
            if "pay_" + row["subject"] not in payments:
                continue
            seen += 1
            self.assertIn(row["party"], branches)
            if accounts[row["account"]]["code"] == "2130":
                self.assertEqual(accounts[row["account"]]["owner"], row["party"])
                parent = accounts[accounts[row["account"]]["parent"]]
                self.assertEqual(parent["code"], "2100")
        self.assertGreater(seen, 12)


if __name__ == "__main__":
    unittest.main(verbosity=2)
