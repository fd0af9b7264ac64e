"""How many operations of the security module a payment costs: the module's own counters before and
after many payments, without the probe and the signing of checkpoints, which the clock causes.

usage: calls_per_payment.py METRICS_FILE PAYMENTS
FLORIN_BUILD names the build tree."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "system"))
from hsm_support import FaultyInstance  # noqa: E402

BY_CLOCK = {"probe", "sign"}


def operations(instance):
    page = instance.operator_page("/operator/v1/metrics")
    rows = re.findall(r'^hsm_operations_total\{operation="(\w+)"\} (\d+)$', page, re.MULTILINE)
    assert rows, page
    return {name: int(value) for name, value in rows}


def main(metrics, payments):
    with FaultyInstance(settings={"audit.checkpoint_interval_ms": "3600000",
                                      "audit.max_unsigned_s": "86400"}) as instance:
        shop = instance.set_up()
        assert shop.create(100, "EUR", "first").status == 201
        before = operations(instance)
        for number in range(payments):
            assert shop.create(100, "EUR", f"order-{number}").status == 201
        after = operations(instance)
    made = {name: after[name] - before.get(name, 0) for name in after}
    caused = sum(count for name, count in made.items() if name not in BY_CLOCK)
    with open(metrics, "a") as file:
        file.write(f"hsm.calls_per_payment {caused / payments:.6f}\n")
    print(f"hsm.calls_per_payment {caused / payments:.6f}  over {payments} payments; by the clock: "
          + ", ".join(f"{made.get(name, 0)} {name}" for name in sorted(BY_CLOCK)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
