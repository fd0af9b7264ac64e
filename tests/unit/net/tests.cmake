florin_unit_test(net LINKS florin_net OpenSSL::SSL OpenSSL::Crypto)
