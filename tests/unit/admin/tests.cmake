florin_unit_test(admin LINKS florin_admin)
