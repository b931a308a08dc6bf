import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { Many2One } from "@web/views/fields/many2one/many2one";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";

/** The kinds of money under a heading per section; the lines come in that order. */
export class SetupLinesRenderer extends ListRenderer {
    static rowsTemplate = "sp_connector.SetupLinesRenderer.Rows";

    get sections() {
        const labels = Object.fromEntries(this.fields.section.selection);
        const sections = [];
        for (const record of this.props.list.records) {
            const name = record.data.section;
            if (sections.at(-1)?.name !== name) {
                sections.push({ name, label: labels[name], records: [] });
            }
            sections.at(-1).records.push(record);
        }
        return sections;
    }

    /** Another order would tear the sections apart. */
    isSortable() {
        return false;
    }
}

export class SetupLinesField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: SetupLinesRenderer };
}

registry.category("fields").add("sp_setup_lines", { ...x2ManyField, component: SetupLinesField });

/** An account, or the one that will be created; below it where it stands in the chart. */
export class SetupAccountField extends Many2OneField {
    static template = "sp_connector.SetupAccountField";
    static components = { Many2One };

    get data() {
        return this.props.record.data;
    }

    get isEmpty() {
        return this.props.readonly && !this.data[this.props.name];
    }
}

registry.category("fields").add("sp_setup_account", buildM2OFieldDescription(SetupAccountField));

/** A kind of money; below it for what alone the line is. */
export class SetupSubjectField extends Component {
    static template = "sp_connector.SetupSubjectField";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }
}

registry.category("fields").add("sp_setup_subject", {
    component: SetupSubjectField,
    supportedTypes: ["char"],
});

/** How a kind of money is taxed; below it why. */
export class SetupTaxField extends SelectionField {
    static template = "sp_connector.SetupTaxField";

    get reason() {
        return this.props.record.data.has_tax ? this.props.record.data.reason : "";
    }
}

registry.category("fields").add("sp_setup_tax", { ...selectionField, component: SetupTaxField });

/** The entry that a settlement would become; the server says it all. */
export class SetupEntryField extends Component {
    static template = "sp_connector.SetupEntryField";
    static props = { ...standardFieldProps };

    get entry() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("sp_setup_entry", {
    component: SetupEntryField,
    supportedTypes: ["json"],
});

/** Sentences, one below the other. */
export class SetupSentencesField extends Component {
    static template = "sp_connector.SetupSentencesField";
    static props = { ...standardFieldProps };

    get sentences() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("sp_sentences", {
    component: SetupSentencesField,
    supportedTypes: ["json"],
});
