import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A button that shows what the form's changes would do to the books, without saving them.
 *
 * A button of the form itself would save first.
 */
export class WhatWouldChange extends Component {
    static template = "sp_connector.WhatWouldChange";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async onClick() {
        const record = this.props.record;
        const vals = await record.getChanges();
        if (!(await record.checkValidity({ displayNotification: true }))) {
            return;
        }
        const ids = record.resId ? [record.resId] : [];
        const action = await this.orm.call(record.resModel, "action_what_would_change", [
            ids,
            vals,
        ]);
        await this.action.doAction(action, {
            onClose: async () => {
                const [preview] = await this.orm.read(action.res_model, [action.res_id], [
                    "is_trial",
                ]);
                if (!preview.is_trial) {
                    await record.discard();
                    await record.load();
                }
            },
        });
    }
}

registry.category("view_widgets").add("sp_what_would_change", { component: WhatWouldChange });
