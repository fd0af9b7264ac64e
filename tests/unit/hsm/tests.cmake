florin_unit_test(hsm LINKS florin_hsm)
