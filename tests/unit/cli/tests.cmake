florin_unit_test(cli LINKS florin_cli florin_http)
