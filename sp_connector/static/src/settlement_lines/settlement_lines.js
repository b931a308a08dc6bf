import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";
import { registry } from "@web/core/registry";
import { useState } from "@odoo/owl";

/**
 * The lines of a settlement under a heading per category, with its rows and its subtotal, and those
 * under the subtotal of their kind: income, refunds, fees, taxes, balances.
 *
 * Lines come sorted by category. Headings are closed, so that the list opens as an overview;
 * unknown words are open, because somebody has to say what they mean.
 */
export class SettlementLinesRenderer extends ListRenderer {
    static rowsTemplate = "sp_connector.SettlementLinesRenderer.Rows";

    setup() {
        super.setup();
        this.toggled = useState({});
    }

    get sections() {
        const labels = Object.fromEntries(this.fields.category.selection);
        const sections = new Map();
        for (const record of this.props.list.records) {
            const category = record.data.category;
            if (!sections.has(category)) {
                sections.set(category, { category, label: labels[category], records: [] });
            }
            sections.get(category).records.push(record);
        }
        for (const section of sections.values()) {
            section.unknown =
                section.category === "unknown" &&
                section.records.some((record) => record.data.has_amount);
            section.open = this.toggled[section.category] ?? section.unknown;
        }
        return [...sections.values()];
    }

    /** The sections by kind of money, kinds in the order of their first section. */
    get kinds() {
        const labels = Object.fromEntries(this.fields.kind.selection);
        const kinds = new Map();
        for (const section of this.sections) {
            const kind = section.records[0].data.kind;
            if (!kinds.has(kind)) {
                kinds.set(kind, { kind, label: labels[kind], sections: [], records: [] });
            }
            kinds.get(kind).sections.push(section);
            kinds.get(kind).records.push(...section.records);
        }
        return [...kinds.values()];
    }

    toggleSection(section) {
        this.toggled[section.category] = !section.open;
    }

    /** The cells of a heading: the name up to the account, then a cell per column. */
    getSectionCells(section) {
        return this.getCells(section, {
            account_id: this.getAccounts(section),
            row_count: formatInteger(this.sumOf(section, "row_count")),
            amount: this.formatAmount(section),
        });
    }

    getKindCells(kind) {
        return this.getCells(kind, { amount: this.formatAmount(kind) });
    }

    getCells(heading, values) {
        const first = this.columns.findIndex((column) => column.name in values);
        const cells = this.columns.slice(first).map((column) => ({
            id: column.id,
            value: values[column.name] ?? "",
            number: ["row_count", "amount"].includes(column.name),
        }));
        return { cells, colspan: first, rest: this.nbCols - this.columns.length };
    }

    formatAmount(heading) {
        return formatMonetary(this.sumOf(heading, "amount"), {
            currencyId: heading.records[0].data.currency_id.id,
        });
    }

    /** The account of a heading's money, or how many there are; lines of zero have none. */
    getAccounts(section) {
        const names = new Map();
        for (const { data } of section.records) {
            if (data.account_id) {
                names.set(data.account_id.id, data.account_id.display_name);
            }
        }
        return names.size > 1 ? _t("%s accounts", names.size) : [...names.values()][0] || "";
    }

    sumOf(heading, name) {
        return heading.records.reduce((sum, record) => sum + record.data[name], 0);
    }

    /** Another order would tear the categories apart. */
    isSortable() {
        return false;
    }
}

export class SettlementLinesField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: SettlementLinesRenderer };
}

export const settlementLinesField = { ...x2ManyField, component: SettlementLinesField };

registry.category("fields").add("sp_settlement_lines", settlementLinesField);
