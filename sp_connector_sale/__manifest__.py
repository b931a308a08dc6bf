{
    "name": "Amazon Settlements: Orders and Invoices",
    "version": "19.0.0.1.0",
    "category": "Accounting/Accounting",
    "summary": "Amazon settlements know the sale orders of Odoo, their invoices and products",
    "author": "sp_connector contributors",
    "website": "https://github.com/sp-connector/sp_connector",
    "license": "LGPL-3",
    "development_status": "Beta",
    "maintainers": ["sp-connector"],
    "depends": ["sp_connector", "sale"],
    "auto_install": True,
    "data": [
        "security/ir.model.access.csv",
        "security/sp_connector_sale_security.xml",
        "views/sp_settlement_row_views.xml",
        "wizards/sp_order_report_views.xml",
    ],
}
