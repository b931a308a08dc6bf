import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";
import { registry } from "@web/core/registry";
import { useState } from "@odoo/owl";

/**
 * The lines of a settlement under a heading per category, with its rows and its subtotal.
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

    toggleSection(section) {
        this.toggled[section.category] = !section.open;
    }

    /** The cells of a heading: the name up to the account, then a cell per column. */
    getSectionCells(section) {
        const values = {
            account_id: this.getCommonAccount(section),
            row_count: formatInteger(this.sumOf(section, "row_count")),
            amount: formatMonetary(this.sumOf(section, "amount"), {
                currencyId: section.records[0].data.currency_id.id,
            }),
        };
        const first = this.columns.findIndex((column) => column.name in values);
        const cells = this.columns.slice(first).map((column) => ({
            id: column.id,
            value: values[column.name] ?? "",
            number: ["row_count", "amount"].includes(column.name),
        }));
        return { cells, colspan: first, rest: this.nbCols - this.columns.length };
    }

    getCommonAccount(section) {
        const accounts = section.records.map((record) => record.data.account_id);
        const same = accounts.every((account) => account && account.id === accounts[0].id);
        return same ? accounts[0].display_name : "";
    }

    sumOf(section, name) {
        return section.records.reduce((sum, record) => sum + record.data[name], 0);
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
