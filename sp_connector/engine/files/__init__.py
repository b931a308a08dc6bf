"""Bytes → cells.

``document`` bytes → lines of text · ``columns`` V2's and V1's columns · ``tables`` header and
cells · ``amounts``, ``dates`` cells → values · ``headers`` what the file says of a settlement ·
``rewritten`` what programs do to a file · ``other_files`` what is no settlement.
"""
