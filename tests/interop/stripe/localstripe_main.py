"""Starts localstripe with its data in memory alone: by itself it also keeps them in a fixed file of /tmp,
written anew with every change."""
import asyncio
import sys

from localstripe import resources, server

resources.Store.dump_to_disk = lambda self: None
asyncio.set_event_loop(asyncio.new_event_loop())
sys.argv = ["localstripe", "--from-scratch", "--port", sys.argv[1]]
server.start()
