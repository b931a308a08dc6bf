"""A match, written as Odoo's own reconciliation writes it."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...engine.bank.parts import CONVERTED, FEE
from ...engine.words.categories import DEPOSIT


class SpBankEntry(models.AbstractModel):
    """Replaces a bank line's suspense item by what it pays, and reconciles that.

    What comes out is an ordinary reconciled line, to Odoo and to every screen of others.
    """

    _name = "sp.bank.entry"
    _description = "Amazon Bank Matching, Writing of Entries"

    @api.model
    def _match(self, candidate, lines, settlements):
        """Match bank lines with what settlements leave open.

        :param candidate: the engine's
        """
        open_items = self.env["sp.bank.pool"]._open_items
        self._check_open(candidate, lines, open_items(settlements))
        for line in lines.sorted(lambda line: (line.date, line.id)):
            items = open_items(settlements)
            vals_list, paid = self._prepare_items(candidate.kind, line, items)
            self._replace_suspense(line, vals_list, paid)

    def _check_open(self, candidate, lines, items):
        """Refuse what is no longer as it was found.

        :raises UserError: one of them was matched meanwhile, or in part
        """
        currency = items.currency_id
        is_open = len(currency) == 1
        if is_open and candidate.kind == CONVERTED:
            currency = items.company_currency_id
            suspense = self.env["account.move.line"].union(*map(self._suspense, lines))
            left = sum(items.mapped("amount_residual")) + sum(suspense.mapped("balance"))
        elif is_open:
            left = sum(items.mapped("amount_residual_currency"))
            left -= sum(self._brought(line, self._suspense(line), currency) for line in lines)
        if not is_open or currency.compare_amounts(left, float(candidate.difference)):
            raise UserError(self.env._("The payout is no longer open as it was."))

    # === ITEMS === #

    def _prepare_items(self, kind, line, items):
        """Return the values of what takes the suspense item's place, and the items it pays.

        The first values are those of the paid items, in their order.
        """
        suspense = self._suspense(line)
        company = line.company_id
        own, currency = company.currency_id, items.currency_id
        value = -suspense.balance
        total = sum(items.mapped("amount_residual_currency"))
        brought = self._brought(line, suspense, currency)
        extra = []
        if kind == CONVERTED:
            paid = [(item, item.amount_residual_currency) for item in items]
            if account := company.root_id.sp_bank_cost_account_id:
                # At the day's rate; what the bank brought less is what the conversion cost.
                expected = currency._convert(total, own, company, line.date)
                cost = own.round(expected - value)
                extra = [self._prepare(self.env._("Conversion cost"), account, own, cost, cost)]
        elif kind == FEE:
            paid = [(item, item.amount_residual_currency) for item in items]
            fee = currency.round(total - brought)
            cost = own.round(fee * value / brought)
            account = company.root_id.sp_bank_fee_account_id
            extra = [self._prepare(self.env._("Bank fee"), account, currency, fee, cost)]
        else:
            paid = self._share(items, brought)
        extra = [vals for vals in extra if not own.is_zero(vals["balance"])]
        left = own.round(value + sum(vals["balance"] for vals in extra))
        amount = sum(share for _item, share in paid)
        vals_list, rate = [], left / amount
        for number, (item, share) in enumerate(paid, 1):
            balance = own.round(share * rate) if number < len(paid) else left
            left -= balance
            label = line.payment_ref or item.name
            vals = self._prepare(label, item.account_id, currency, -share, -own.round(balance))
            vals_list.append(vals | {"partner_id": item.partner_id.id})
        return vals_list + extra, [item for item, _share in paid]

    @api.model
    def _prepare(self, name, account, currency, amount, balance):
        return {
            "name": name,
            "account_id": account.id,
            "currency_id": currency.id,
            "amount_currency": amount,
            "balance": balance,
            # An account's default tax is none of the bank's.
            "tax_ids": [Command.clear()],
        }

    @api.model
    def _brought(self, line, suspense, currency):
        """Return what a bank line brought in the payout's currency, ``None`` in another one."""
        if suspense.currency_id == currency:
            return -suspense.amount_currency
        return line.amount if line.currency_id == currency else None

    @api.model
    def _share(self, items, brought):
        """Return which items a line pays, and how much of each.

        Of less than the whole: first what the other items owe, then one after the other.
        """
        currency = items.currency_id
        total = sum(items.mapped("amount_residual_currency"))
        if not currency.compare_amounts(total, brought):
            return [(item, item.amount_residual_currency) for item in items]
        owed = items.filtered(lambda item: item.amount_residual_currency * brought < 0)
        shares = [(item, item.amount_residual_currency) for item in owed]
        left = brought - sum(share for _item, share in shares)
        for item in items - owed:
            share = min(abs(item.amount_residual_currency), abs(left))
            share = currency.round(share if brought > 0 else -share)
            if not currency.is_zero(share):
                shares.append((item, share))
                left -= share
        return shares

    # === WRITING === #

    @api.model
    def _suspense(self, line):
        suspense = line._seek_for_lines()[1]
        if len(suspense) != 1:
            raise UserError(
                self.env._(
                    "The bank line «%(line)s» is no longer open.",
                    line=line.payment_ref or line.name,
                )
            )
        return suspense

    @api.model
    def _replace_suspense(self, line, vals_list, paid=()):
        """Put items into the place of a bank line's suspense item, and reconcile the first ones.

        :param paid: the items that the first ones pay
        :return: the new items
        """
        liquidity, suspense = line._seek_for_lines()[0], self._suspense(line)
        commands = [Command.delete(suspense.id), *map(Command.create, vals_list)]
        if not line.partner_id and vals_list[0].get("partner_id"):
            partner = {"partner_id": vals_list[0]["partner_id"]}
            commands.append(Command.update(liquidity.id, partner))
        before = line.move_id.line_ids
        line.with_context(force_delete=True, skip_readonly_check=True).write({"line_ids": commands})
        # Order of creation is the order of the values.
        made = (line.move_id.line_ids - before).sorted("id")
        plan = [item | new for item, new in zip(paid, made, strict=False)]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)
        if not line.is_reconciled:
            raise UserError(self.env._("Odoo does not call the bank line reconciled."))
        return made

    # === SENT BACK === #

    @api.model
    def _cancel_out(self, lines):
        """Match a transfer with the one that sent it back, on the clearing account."""
        company = lines.company_id[:1]
        mapping = self.env["sp.account.mapping"].search(
            [
                ("company_id", "in", company.parent_ids.ids),
                ("category", "=", DEPOSIT),
                ("account_id.reconcile", "=", True),
            ],
            order="company_id desc, marketplace_id desc",
            limit=1,
        )
        if not mapping:
            raise UserError(self.env._("There is no clearing account that can be reconciled."))
        made = self.env["account.move.line"]
        for line in lines:
            suspense = self._suspense(line)
            vals = self._prepare(
                line.payment_ref or self.env._("Sent back"),
                mapping.account_id,
                suspense.currency_id,
                suspense.amount_currency,
                suspense.balance,
            )
            partner = company._sp_bank_partners()[:1]
            made |= self._replace_suspense(line, [vals | {"partner_id": partner.id}])
        made.reconcile()
