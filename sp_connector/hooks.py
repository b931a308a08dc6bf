"""What Odoo calls when the addon goes."""


def uninstall_hook(env):
    """Forget which records of our own models came with the addon: their tables go as a whole.

    Odoo would delete them one by one before, and try again and again what connections, settlements
    and rules of people refer to.
    """
    own = [("module", "=", "sp_connector"), ("model", "=like", "sp.%")]
    env["ir.model.data"].search(own).unlink()
