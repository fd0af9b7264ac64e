"""Sums ctest's JUnit files: prints "PASSED FAILED SKIPPED".

A test that could not be run is a failure unless the test itself said that it is skipped.
"""

import sys
import xml.etree.ElementTree as ElementTree


def tally(path):
    passed = failed = skipped = 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        reason = case.find("skipped")
        message = "" if reason is None else reason.get("message", "")
        if status == "run":
            passed += 1
        elif status == "disabled" or message.startswith("SKIP_"):
            skipped += 1
        else:
            failed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    totals = [tally(path) for path in sys.argv[1:]]
    print(*(sum(column) for column in zip(*totals)) if totals else (0, 0, 0))
