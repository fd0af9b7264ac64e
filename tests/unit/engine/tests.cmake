florin_unit_test(engine LINKS florin_engine)
