florin_unit_test(http LINKS florin_http)
