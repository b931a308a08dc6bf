"""One set-up replaces three dialogs: Odoo leaves their tables and their rules."""

_TABLES = (
    "account_account_tag_sp_account_setup_line_rel",
    "account_tax_sp_tax_setup_line_rel",
    "res_country_sp_tax_setup_rel",
    "sp_booking_settings_sp_marketplace_rel",
    "sp_marketplace_sp_tax_setup_rel",
    "sp_tax_setup_default_marketplace_rel",
    "sp_account_setup_line",
    "sp_tax_setup_line",
    "sp_account_setup",
    "sp_tax_setup",
    "sp_booking_settings",
)
_RULES = (
    "sp_account_setup_rule_own",
    "sp_account_setup_line_rule_own",
    "sp_booking_settings_rule_own",
    "sp_tax_setup_rule_own",
    "sp_tax_setup_line_rule_own",
)


def migrate(cr, version):
    for table in _TABLES:
        cr.execute(f"DROP TABLE IF EXISTS {table}")
    cr.execute(
        """
        WITH gone AS (
            DELETE FROM ir_model_data WHERE module = 'sp_connector' AND name IN %s RETURNING res_id
        )
        DELETE FROM ir_rule WHERE id IN (SELECT res_id FROM gone)
        """,
        [_RULES],
    )
