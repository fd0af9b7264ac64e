"""The daemon is killed while 32 clients pay through the stripe connector: 15 kills (200 with FLORIN_LONG=1)
with idempotency keys honoured, and as many with a counterpart that ignores them and so shows every request
that was sent again without proof that the first one was not executed. Answers are lost besides, at random.
What localstripe charged is what the ledger says. The seed is printed; FLORIN_SEED repeats the choices.
"""
import unittest

import stripe_instance
from support import SEED

import test_kill_under_load as load

FAULTS = {"reset_after": 0.02, "error_500_after": 0.02, "reset_before": 0.02}


class Customer(load.Customer):
    def pay(self, reference):
        currency = self.chance.choice(["EUR", "USD"])
        value = self.chance.randrange(1000, 500000)
        token = self.chance.choices(["pm_card_visa", "pm_card_chargeCustomerFail"], [93, 7])[0]
        method = self.chance.choice(["manual", "manual", "automatic"])
        payment = self.write(lambda key: lambda client: client.create(
            value, currency, reference, token, method, key))
        if payment["status"] == "failed":
            return
        name = payment["id"]
        if method == "manual":
            if self.chance.random() < 0.15:
                self.write(lambda key: lambda client: client.void(name, idempotency_key=key))
                return
            # There is one capture: a part of it is the end of the rest.
            part = value if self.chance.random() < 0.6 else value // 2
            payment = self.write(lambda key: lambda client: client.capture(
                name, part, currency, final=True, idempotency_key=key))
        for _ in range(self.chance.randrange(3)):
            left = payment["amount_captured"]["value"] - payment["amount_refunded"]["value"]
            if left < 300:
                return
            back = self.chance.randrange(1, left // 2)
            payment = self.write(lambda key, back=back: lambda client: client.refund(
                name, back, currency, idempotency_key=key))


class KillsWithKeys(load.KillUnderLoad):
    customer = Customer
    keys = True

    def make_instance(self):
        instance = stripe_instance.StripeInstance(
            self.keys, SEED, settings={**load.SETTINGS, "payments.connector_deadline_ms": "8000"})
        self.addCleanup(self.say, instance)
        return instance

    def say(self, instance):
        front = instance.front
        print(f"{front.executed} requests executed by localstripe, {front.replayed} answered from "
              f"their key, {front.faults_done} answers lost on purpose", flush=True)

    def new_client(self):
        self.instance.front.random_faults = FAULTS
        return super().new_client()

    def end_load(self):
        self.instance.front.disarm()
        super().end_load()


class KillsWithoutKeys(KillsWithKeys):
    keys = False


if __name__ == "__main__":
    unittest.main(verbosity=2)
