florin_unit_test(sandbox LINKS florin_sandbox)
