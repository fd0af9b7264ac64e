florin_unit_test(base LINKS florin_base)
