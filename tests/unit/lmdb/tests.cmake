florin_unit_test(lmdb LINKS florin_lmdb)
