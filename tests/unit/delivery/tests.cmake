florin_unit_test(delivery LINKS florin_delivery florin_vault OpenSSL::Crypto)
