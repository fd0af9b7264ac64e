florin_unit_test(vault LINKS florin_vault)
