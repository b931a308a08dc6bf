"""Cells → rows → lines with their proof.

``flat_file`` the file as a whole: start here · ``reader`` lines of text → ``pages`` of rows in
columns · ``survey``, ``weighing`` what holds for the file · ``order_items`` gross or net ·
``places`` row → line · ``sums`` lines, proof, ``fingerprint`` · ``summary`` what was added up ·
``copying`` rows for a database.
"""
