florin_unit_test(ledger LINKS florin_ledger florin_lmdb OpenSSL::Crypto)
