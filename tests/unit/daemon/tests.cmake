florin_unit_test(daemon LINKS florin_daemon)
