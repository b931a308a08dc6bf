from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SpSettleSmall(models.TransientModel):
    """Books away what has long been open on a clearing account and is too small to wait for.

    A deposit of a cent by which Amazon checked a bank account is such: no bank line will come.
    """

    _name = "sp.settle.small"
    _description = "Settle Small Amazon Items"

    break_id = fields.Many2one("sp.roll.forward.break", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="break_id.company_id")
    currency_id = fields.Many2one(related="break_id.currency_id")
    limit = fields.Monetary(
        "Items Up To",
        required=True,
        compute="_compute_limit",
        store=True,
        readonly=False,
        precompute=True,
        help="Larger ones stay open: they are payouts that wait for the bank.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    account_id = fields.Many2one(
        "account.account",
        "Income or Cost Account",
        required=True,
        check_company=True,
        domain="[('internal_group', 'in', ('income', 'expense'))]",
    )
    item_ids = fields.Many2many("account.move.line", compute="_compute_item_ids")
    amount = fields.Monetary(compute="_compute_item_ids", help="Positive is your claim.")

    @api.depends("currency_id")
    def _compute_limit(self):
        for wizard in self:
            # A hundred of the smallest unit: one pound, a hundred yen.
            wizard.limit = 100.0 / 10**wizard.currency_id.decimal_places

    @api.depends("break_id", "limit")
    def _compute_item_ids(self):
        for wizard in self:
            items = wizard.break_id._open_items().filtered(
                lambda item, wizard=wizard: (
                    wizard.currency_id.compare_amounts(
                        abs(item.amount_residual_currency), wizard.limit
                    )
                    <= 0
                )
            )
            wizard.item_ids = items
            wizard.amount = sum(items.mapped("amount_residual_currency"))

    def action_settle(self):
        """Post one entry that takes these items off the clearing account, and match them.

        :raises UserError: nothing is that small, or there is no journal
        """
        self.ensure_one()
        items, company = self.item_ids, self.company_id
        if not items:
            raise UserError(self.env._("Nothing that is open is as small as that."))
        journal = company._sp_inherited("sp_journal_id")
        if not journal:
            raise UserError(self.env._("Choose the journal of Amazon settlements first."))
        amount, balance = self.amount, sum(items.mapped("amount_residual"))
        common = {"currency_id": self.currency_id.id, "name": self.env._("Small items settled")}
        cleared = {
            **common,
            "account_id": items.account_id.id,
            "partner_id": items.partner_id[:1].id,
            "amount_currency": -amount,
            "balance": -balance,
        }
        taken = {
            **common,
            "account_id": self.account_id.id,
            "amount_currency": amount,
            "balance": balance,
            "tax_ids": [Command.clear()],
        }
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "date": self.date,
                "ref": self.env._("Small items of Amazon settlements"),
                "line_ids": [Command.create(cleared), Command.create(taken)],
            }
        )
        move.action_post()
        (
            items | move.line_ids.filtered(lambda item: item.account_id == items.account_id)
        ).reconcile()
        self.env["sp.audit"]._keep(
            company,
            "done",
            note=self.env._(
                "Settled %(count)s small items of %(account)s with %(entry)s: %(amount)s.",
                count=len(items),
                account=items.account_id.display_name,
                entry=move.name,
                amount=self.currency_id.format(amount),
            ),
        )
        self.break_id.roll_id.action_show()
        return {"type": "ir.actions.act_window_close"}
