"""The engine: Amazon's files understood, in plain Python.

Nothing here imports Odoo, so it can be read, run and tested alone. The way of the data:

``document`` bytes → text · ``flat_file`` text → rows · ``classify`` words → category ·
``summary`` rows → lines and proof · ``entry`` lines and accounts → a plan of the journal entry.
"""
