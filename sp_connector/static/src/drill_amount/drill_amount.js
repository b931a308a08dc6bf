import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/**
 * An amount of the roll-forward: a click opens the journal items behind it.
 *
 * The part of the field's name after its first "_" is the column that the server is asked for.
 */
export class DrillAmountField extends MonetaryField {
    static template = "sp_connector.DrillAmountField";

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get isZero() {
        return !this.value;
    }

    open() {
        const { record, name } = this.props;
        return this.action.doActionButton({
            type: "object",
            name: "action_view_items",
            resModel: record.resModel,
            resId: record.resId,
            resIds: [record.resId],
            context: { ...record.context, sp_step: name.slice(name.indexOf("_") + 1) },
        });
    }
}

export const drillAmountField = {
    ...monetaryField,
    component: DrillAmountField,
    displayName: _t("Amount with Its Journal Items"),
};

registry.category("fields").add("sp_drill_amount", drillAmountField);
