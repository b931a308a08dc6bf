"""Orders and the invoices that name them."""
