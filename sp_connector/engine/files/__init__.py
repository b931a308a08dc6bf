"""Bytes → rows → lines with their proof.

``document`` bytes → lines of text · ``columns`` V2's and V1's columns · ``tables`` header and
cells · ``amounts``, ``dates`` cells → values · ``rewritten`` what programs do to a file ·
``other_files`` what is no settlement · ``reader`` lines → ``pages`` of rows in columns ·
``survey``, ``headers``, ``weighing`` what holds for the file · ``order_items`` gross or net ·
``places`` row → line · ``sums`` lines, proof, ``fingerprint`` · ``summary`` what was added up ·
``copying`` rows for a database · ``flat_file`` the file as a whole: start here.
"""
