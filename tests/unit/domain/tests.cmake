florin_unit_test(domain LINKS florin_domain)
