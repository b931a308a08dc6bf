"""Orders that are invoiced in Odoo too: which of their money is owed on which invoice.

``orders``: rows by order + invoices → what goes where, and what does not equal its invoice.
"""
