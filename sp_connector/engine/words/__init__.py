"""Amazon's words → what they mean.

``grammar`` words read as what they stand for · ``patterns`` free text in words · ``categories``
what there is to mean · ``classify`` own rule, shipped rule, derived, default · ``derive`` what
follows from rules for words that none names · ``suggest`` what unknown words may mean · ``sku``
the tax class of a SKU.
``sp.category.rule.csv`` are the shipped rules; Odoo loads the same file.
"""
