"""The daily scheduled action has a name that says what it does."""


def migrate(cr, _version):
    """Rename its XML ids (its server action has one, too) before its data are loaded."""
    cr.execute(
        "UPDATE ir_model_data"
        " SET name = replace(name, 'ir_cron_watch_connections', 'ir_cron_daily_watch')"
        " WHERE module = 'sp_connector' AND name LIKE 'ir_cron_watch_connections%'"
    )
