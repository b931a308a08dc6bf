First release: settlement rows are matched to sale orders and their invoices; orders and invoices are compared.
