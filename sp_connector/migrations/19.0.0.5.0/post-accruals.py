"""What accruals took from the last one is said in the company's set-up."""

from odoo import SUPERUSER_ID, api

from odoo.addons.sp_connector.engine.words.categories import ACCRUED_INCOME


def migrate(cr, version):
    """Say it as the company's last accrual did."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    mapping = env["sp.account.mapping"]
    accruals = env["sp.accrual"].search([("account_id", "!=", False)])  # the newest first
    for company, mine in accruals.grouped("company_id").items():
        last = mine[0]
        company.write(
            {"sp_accrual_journal_id": last.journal_id.id, "sp_accrual_tax": last.tax_setting}
        )
        if not mapping._mapping(company).find_for(ACCRUED_INCOME):
            mapping.create(
                {
                    "company_id": company.id,
                    "category": ACCRUED_INCOME,
                    "account_id": last.account_id.id,
                    "tax_mode": "none",
                }
            )
