import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { formatMonetary } from "@web/views/fields/formatters";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * A list whose footer adds up each currency by itself.
 *
 * Odoo's own adds several currencies up at today's rates, which is a number of no ledger.
 */
export class CurrencyTotalsRenderer extends ListRenderer {
    computeAggregates() {
        const aggregates = super.computeAggregates();
        for (const [name, aggregate] of Object.entries(aggregates)) {
            if (aggregate.multiCurrency) {
                aggregates[name] = {
                    ...aggregate,
                    multiCurrency: false,
                    value: this.sumsByCurrency(name),
                };
            }
        }
        return aggregates;
    }

    /** One line a currency; groups that mix currencies have no sum. */
    sumsByCurrency(name) {
        const { list } = this.props;
        const currencyField = this.getCurrencyField(
            this.columns.find((column) => column.name === name)
        );
        const grouped = list.isGrouped && !list.selection.length;
        const records = list.selection.length ? list.selection : list.records;
        const values = grouped
            ? list.groups.map(({ aggregates }) => [aggregates[currencyField], aggregates[name]])
            : records.map(({ data }) => [[data[currencyField].id], data[name]]);
        if (values.some(([currencies]) => currencies.length > 1)) {
            return "";
        }
        const sums = new Map();
        for (const [[currencyId], amount] of values) {
            sums.set(currencyId, (sums.get(currencyId) || 0) + amount);
        }
        return [...sums]
            .map(([currencyId, amount]) => {
                const name = getCurrency(currencyId)?.name || "";
                return `${name} ${formatMonetary(amount, { currencyId, noSymbol: true })}`;
            })
            .sort()
            .join("\n");
    }

    formatGroupAggregate(group, column) {
        const aggregate = super.formatGroupAggregate(group, column);
        return aggregate.multiCurrency ? { value: _t("several currencies") } : aggregate;
    }
}

registry.category("views").add("sp_currency_totals", {
    ...listView,
    Renderer: CurrencyTotalsRenderer,
});

export class CurrencyTotalsField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: CurrencyTotalsRenderer };
}

registry.category("fields").add("sp_currency_totals", {
    ...x2ManyField,
    component: CurrencyTotalsField,
});
