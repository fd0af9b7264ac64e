florin_unit_test(control LINKS florin_control OpenSSL::Crypto)
