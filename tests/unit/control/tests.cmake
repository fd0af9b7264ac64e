florin_unit_test(control LINKS florin_control florin_memory_ledger OpenSSL::Crypto)
