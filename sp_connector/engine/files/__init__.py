"""Bytes → rows → lines with their proof.

``document`` bytes → text · ``tables`` header and cells · ``amounts``, ``dates`` cells → values ·
``rewritten`` what programs do to a file · ``other_files`` what is no settlement ·
``survey``, ``weighing`` the first reading · ``flat_file`` the second one: rows ·
``order_items`` gross or net · ``summary`` rows → lines, proof, fingerprint.
"""
