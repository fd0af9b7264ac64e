"""One running instance for all tests of a class."""
import unittest

from support import Instance


class InstanceCase(unittest.TestCase):
    """`shop` pays; a class says with `options` how the instance is made and in `prepare` what it has besides."""
    options = {}

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(**cls.options)
        cls.instance.start()
        try:
            cls.shop = cls.instance.set_up()
            cls.prepare()
        except BaseException:
            cls.instance.report()
            cls.instance.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.instance.close()
