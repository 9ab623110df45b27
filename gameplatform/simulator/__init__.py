"""A game platform to sync from: the MetaCTF API over real HTTP, answered from a seeded world.

`World` (world.py) is the roster, pure and deterministic; `running` (background.py) runs it in a thread.
"""
