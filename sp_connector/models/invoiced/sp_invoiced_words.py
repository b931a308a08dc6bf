from odoo import api, models
from odoo.tools import format_list


class SpInvoicedWords(models.AbstractModel):
    """What people read of orders that are invoiced in Odoo, see ``sp.decision.words``."""

    _name = "sp.invoiced.words"
    _description = "Words for Amazon Orders That Are Invoiced"

    @api.model
    def _item_label(self, target):
        """Name the journal item of what goes to invoices."""
        if target.group and target.is_refund:
            return self.env._("Refund of invoiced order %(order)s", order=target.group)
        if target.group:
            return self.env._("Invoiced order %(order)s", order=target.group)
        if target.is_refund:
            return self.env._("Refunds with credit notes")
        return self.env._("Orders that are invoiced")

    def _say_invoiced(self, settlement, invoices, amount):
        return self.env._(
            "%(count)s posted customer invoices, %(amount)s, name orders of this settlement. "
            "Posted as income here too, these sales would count twice: say in Configuration, Set "
            "Up, that sales of invoiced orders go to their invoices, or cancel the invoices.",
            count=invoices,
            amount=settlement.company_id.currency_id.format(float(amount)),
        )

    def _say_to_invoices(self, settlement, orders, amount):
        return self.env._(
            "%(amount)s of %(count)s orders goes to the customer invoices and credit notes that "
            "name them, not to income, and is matched with them.",
            amount=settlement._money(amount),
            count=orders,
        )

    def _say_invoice_differences(self, settlement, differences, count):
        said = [self._describe_difference(settlement, one) for one in differences]
        if count > len(said):
            said.append(self.env._("%(count)s more", count=count - len(said)))
        return self.env._(
            "Amazon's amounts differ from the invoices; what differs stays open on them: "
            "%(differences)s.",
            differences=format_list(self.env, said),
        )

    @api.model
    def _describe_difference(self, settlement, difference):
        """Say how the amount of orders differs from that of their invoices."""
        order = difference.order
        if difference.orders > 1:
            order = self.env._(
                "%(order)s and %(count)s more", order=order, count=difference.orders - 1
            )
        amount = settlement._money(difference.amount)
        if difference.invoiced is None:
            return self.env._(
                "%(order)s %(amount)s, invoiced in another currency", order=order, amount=amount
            )
        return self.env._(
            "%(order)s %(amount)s, invoiced %(invoiced)s",
            order=order,
            amount=amount,
            invoiced=settlement._money(difference.invoiced),
        )

    def _say_invoice_paid(self, settlement, count, amount):
        return self.env._(
            "Invoices of %(count)s orders are paid already: %(amount)s stays open on the "
            "receivable account, to be matched with what paid them.",
            count=count,
            amount=settlement._money(amount),
        )

    def _say_invoice_drafts(self, settlement, invoices):
        return self.env._(
            "%(count)s draft invoices name orders of this settlement whose sales are income here: "
            "post them first, or these sales count twice.",
            count=invoices,
        )

    def _say_invoices_later(self, settlement):
        return self.env._(
            "Which orders are invoiced is looked up once the file is imported; their sales go to "
            "the invoices then."
        )
